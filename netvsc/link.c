// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: what the host says about the link, at the pace of people.
 *
 * link_event() runs in NAPI and only tells the machine (link_fsm.c); the work
 * below does what the machine wants done, when it wants it done.
 */
#include <linux/ktime.h>
#include <linux/rtnetlink.h>

#include "net.h"

/* The holder of RTNL may be waiting for the work to end. */
#define RTNL_RETRY	(HZ / 20)

/* How often to look whether the stack has seen the carrier. */
#define ANNOUNCE_TRIES	100

static u64 now_ms(void)
{
	return ktime_get_ns() / NSEC_PER_MSEC;
}

/* @link_lock held. */
static void schedule_work_at(struct nv_card *card)
{
	schedule_delayed_work(&card->link_work,
			      msecs_to_jiffies(link_fsm_delay_ms(&card->link,
								 now_ms())));
}

static void act(struct nv_card *card, u32 todo)
{
	struct net_device *ndev = card->ndev;

	if (todo & LINK_DO_DOWN)
		netif_carrier_off(ndev);
	if (todo & LINK_DO_UP)
		netif_carrier_on(ndev);
	if (todo & LINK_DO_ANNOUNCE) {
		card->announce_tries = ANNOUNCE_TRIES;
		schedule_delayed_work(&card->announce_work, 0);
	}
}

/*
 * What is sent before the stack has seen a new carrier is thrown away, and it
 * cannot see it while we hold RTNL.
 */
static void announce(struct work_struct *w)
{
	struct nv_card *card = container_of(to_delayed_work(w), struct nv_card,
					    announce_work);
	struct net_device *ndev = card->ndev;
	bool again = true;

	if (rtnl_trylock()) {
		again = card->attached && netif_running(ndev) &&
			netif_carrier_ok(ndev);
		if (again && READ_ONCE(ndev->operstate) == IF_OPER_UP) {
			__netdev_notify_peers(ndev);
			again = false;
		}
		rtnl_unlock();
	}
	if (again && card->announce_tries--)
		schedule_delayed_work(&card->announce_work, RTNL_RETRY);
}

static void work(struct work_struct *w)
{
	struct nv_card *card = container_of(to_delayed_work(w), struct nv_card,
					    link_work);
	bool again = false;
	u32 todo;

	if (!rtnl_trylock()) {
		schedule_delayed_work(&card->link_work, RTNL_RETRY);
		return;
	}
	if (card->attached && card->ndev->reg_state == NETREG_REGISTERED) {
		spin_lock_bh(&card->link_lock);
		todo = link_fsm_run(&card->link, now_ms(), &again);
		if (again)
			schedule_work_at(card);
		spin_unlock_bh(&card->link_lock);
		act(card, todo);
	}
	rtnl_unlock();
}

/**
 * link_event() - the host indicates a change
 * @card: the card
 * @event: what has changed
 *
 * Context: NAPI of the primary.
 */
void link_event(struct nv_card *card, enum link_event event)
{
	spin_lock(&card->link_lock);
	if (link_fsm_event(&card->link, event) && card->attached)
		schedule_work_at(card);
	spin_unlock(&card->link_lock);
}

/**
 * link_init() - before anything else of a card
 * @card: the card
 *
 * Context: process.
 */
void link_init(struct nv_card *card)
{
	spin_lock_init(&card->link_lock);
	INIT_DELAYED_WORK(&card->link_work, work);
	INIT_DELAYED_WORK(&card->announce_work, announce);
	link_fsm_init(&card->link, false);
}

/**
 * link_reset() - begin with the state the host told of when asked
 * @card: the card, being attached
 * @up: the state
 *
 * Context: process.
 */
void link_reset(struct nv_card *card, bool up)
{
	spin_lock_bh(&card->link_lock);
	link_fsm_init(&card->link, up);
	spin_unlock_bh(&card->link_lock);
}

/**
 * link_start() - show the link
 * @card: the card, attached
 *
 * Context: process, RTNL held.
 */
void link_start(struct nv_card *card)
{
	bool up;

	spin_lock_bh(&card->link_lock);
	up = card->link.up;
	if (card->link.up != card->link.want)
		schedule_work_at(card);
	spin_unlock_bh(&card->link_lock);
	if (up)
		netif_carrier_on(card->ndev);
	else
		netif_carrier_off(card->ndev);
}

/**
 * link_stop() - no event is acted on any more
 * @card: the card, no longer marked attached
 *
 * Context: process; RTNL may be held.
 */
void link_stop(struct nv_card *card)
{
	cancel_delayed_work_sync(&card->link_work);
	cancel_delayed_work_sync(&card->announce_work);
}
