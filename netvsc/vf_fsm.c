// SPDX-License-Identifier: GPL-2.0-only
/*
 * The data path of a card that has a virtual function. Pure: one function
 * moves the state and says what has to be done; vf.c does it, under RTNL.
 *
 * Two rules keep sessions alive. We transmit through the VF only after the
 * host has confirmed it, and stop before asking it to go back; so at no time
 * do we send where the host does not listen.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/types.h>

#include "vf_fsm.h"

#define MAC_BYTES	6

/**
 * vf_fsm_init() - a card appeared
 * @f:	machine
 *
 * Context: Before anybody else knows the card.
 */
void vf_fsm_init(struct vf_fsm *f)
{
	f->state = VF_SYNTHETIC;
}

static u32 in_synthetic(struct vf_fsm *f, enum vf_event ev)
{
	switch (ev) {
	case VF_EV_ABLE:
		f->state = VF_TAKING;
		return VF_DO_ASK_VF;
	case VF_EV_UNABLE:
	case VF_EV_SWITCHED:
	case VF_EV_FAILED:
	case VF_EV_RESET:
	case VF_EVENT_NR:
		break;
	}
	return 0;
}

static u32 in_taking(struct vf_fsm *f, enum vf_event ev)
{
	switch (ev) {
	case VF_EV_SWITCHED:
		f->state = VF_CARRYING;
		return VF_DO_SEND_VF;
	case VF_EV_FAILED:
		/* It may switch yet: make sure that it does not stay so. */
		f->state = VF_REVOKING;
		return VF_DO_ASK_SYNTHETIC;
	case VF_EV_UNABLE:
		f->state = VF_ABORTING;
		return 0;
	case VF_EV_ABLE:
	case VF_EV_RESET:
	case VF_EVENT_NR:
		break;
	}
	return 0;
}

static u32 in_aborting(struct vf_fsm *f, enum vf_event ev)
{
	switch (ev) {
	case VF_EV_SWITCHED:
	case VF_EV_FAILED:
		f->state = VF_RETURNING;
		return VF_DO_ASK_SYNTHETIC;
	case VF_EV_ABLE:
		f->state = VF_TAKING;
		return 0;
	case VF_EV_UNABLE:
	case VF_EV_RESET:
	case VF_EVENT_NR:
		break;
	}
	return 0;
}

static u32 in_carrying(struct vf_fsm *f, enum vf_event ev)
{
	switch (ev) {
	case VF_EV_UNABLE:
		f->state = VF_RETURNING;
		return VF_DO_SEND_SYNTHETIC | VF_DO_ASK_SYNTHETIC;
	case VF_EV_ABLE:
	case VF_EV_SWITCHED:
	case VF_EV_FAILED:
	case VF_EV_RESET:
	case VF_EVENT_NR:
		break;
	}
	return 0;
}

static u32 in_returning(struct vf_fsm *f, enum vf_event ev)
{
	switch (ev) {
	case VF_EV_SWITCHED:
		f->state = VF_SYNTHETIC;
		return 0;
	case VF_EV_FAILED:
		f->state = VF_BARRED;
		return 0;
	case VF_EV_ABLE:
	case VF_EV_UNABLE:
	case VF_EV_RESET:
	case VF_EVENT_NR:
		break;
	}
	return 0;
}

static u32 in_revoking(struct vf_fsm *f, enum vf_event ev)
{
	switch (ev) {
	case VF_EV_SWITCHED:
	case VF_EV_FAILED:
		f->state = VF_BARRED;
		return 0;
	case VF_EV_UNABLE:
		f->state = VF_RETURNING;
		return 0;
	case VF_EV_ABLE:
	case VF_EV_RESET:
	case VF_EVENT_NR:
		break;
	}
	return 0;
}

static u32 in_barred(struct vf_fsm *f, enum vf_event ev)
{
	switch (ev) {
	case VF_EV_UNABLE:
		f->state = VF_SYNTHETIC;
		return 0;
	case VF_EV_ABLE:
	case VF_EV_SWITCHED:
	case VF_EV_FAILED:
	case VF_EV_RESET:
	case VF_EVENT_NR:
		break;
	}
	return 0;
}

/* The channel is gone, and with it the host's idea of a data path. */
static u32 reset(struct vf_fsm *f)
{
	u32 todo = f->state == VF_CARRYING ? VF_DO_SEND_SYNTHETIC : 0;

	f->state = VF_SYNTHETIC;
	return todo;
}

/**
 * vf_fsm_step() - something happened
 * @f:	machine
 * @ev:	what
 *
 * Events that mean nothing in a state are ignored there, so the caller may
 * say ABLE or UNABLE as often as it likes.
 *
 * Context: The caller keeps steps of one machine apart (RTNL).
 * Return: VF_DO_* bits, to be done in the order of their definition. After an
 *	   ASK the caller waits and steps again with SWITCHED or FAILED.
 */
u32 vf_fsm_step(struct vf_fsm *f, enum vf_event ev)
{
	if (ev == VF_EV_RESET)
		return reset(f);
	switch (f->state) {
	case VF_SYNTHETIC:
		return in_synthetic(f, ev);
	case VF_TAKING:
		return in_taking(f, ev);
	case VF_ABORTING:
		return in_aborting(f, ev);
	case VF_CARRYING:
		return in_carrying(f, ev);
	case VF_RETURNING:
		return in_returning(f, ev);
	case VF_REVOKING:
		return in_revoking(f, ev);
	case VF_BARRED:
		return in_barred(f, ev);
	case VF_STATE_NR:
		break;
	}
	return 0;
}

/**
 * vf_fsm_slot_serial() - the serial number a PCI slot is named after
 * @name:	name of the slot, or NULL if the device is in none
 * @serial:	where the number goes
 *
 * Context: any.
 * Return: true if the name is a decimal number of 32 bits and nothing else.
 */
bool vf_fsm_slot_serial(const char *name, u32 *serial)
{
	u64 n = 0;

	if (!name || !*name)
		return false;
	for (; *name; name++) {
		if (*name < '0' || *name > '9')
			return false;
		n = n * 10 + (*name - '0');
		if (n > U32_MAX)
			return false;
	}
	*serial = n;
	return true;
}

/**
 * vf_fsm_fit() - does a network device belong to a card?
 * @card_mac:		permanent address of the card
 * @vf_mac:		permanent address of the device
 * @offered:		the host has announced a VF, with @card_serial
 * @card_serial:	its serial number
 * @slot:		name of the PCI slot of the device, or NULL
 *
 * The address decides. Where several cards have the same one, the slot does:
 * the caller takes the best fit. A slot's number alone proves nothing, for
 * slots that are no serial numbers are numbered too.
 *
 * Context: any.
 * Return: how well it fits.
 */
enum vf_fit vf_fsm_fit(const u8 *card_mac, const u8 *vf_mac, bool offered,
		       u32 card_serial, const char *slot)
{
	u32 serial;

	if (memcmp(card_mac, vf_mac, MAC_BYTES))
		return VF_FIT_NONE;
	if (!offered || !vf_fsm_slot_serial(slot, &serial))
		return VF_FIT_MAC;
	return serial == card_serial ? VF_FIT_SERIAL : VF_FIT_MAC;
}
