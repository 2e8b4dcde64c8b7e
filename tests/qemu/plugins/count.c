// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QEMU TCG plugin: counts the guest instructions between two marks, by address.
 *
 * The guest sets the marks itself, with an instruction that does nothing
 * anywhere else: a long NOP whose displacement is MARK_BEGIN or MARK_END
 * (mark.h). So a window begins and ends at an exact instruction, and no
 * message to the host is counted along with what is measured.
 *
 * Every address of the kernel has a counter per CPU: code in modules one per
 * instruction, the rest of the kernel one per translated block, which stands
 * for all instructions of the block. User space has one counter altogether.
 * Counters only ever grow; a window is the difference of two readings.
 *
 * Argument: out=FILE. At each end of a window the plugin appends to it
 *	window NUMBER
 *	ADDRESS COUNT		(hexadecimal, decimal) of each kernel address
 *	user COUNT
 *	lost COUNT		instructions that found no free counter
 *	end
 */
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <qemu-plugin.h>
#include "mark.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

#define SLOTS		(1u << 20)
#define SLOT_LOST	0
#define SLOT_USER	1
#define SLOT_FIRST	2

/* Where the kernel puts modules (Documentation/arch/x86/x86_64/mm.rst). */
#define MODULES_FIRST	0xffffffffa0000000ull
#define MODULES_LAST	0xfffffffffeffffffull

static struct qemu_plugin_scoreboard *board;
static uint64_t address[SLOTS];
static uint32_t used = SLOT_FIRST;
static GHashTable *slot_of;		/* address -> slot; the key points into address[] */
static uint64_t *before;		/* the counters at the beginning of the window */
static uint32_t before_used;
static unsigned int windows;
static FILE *out;
static GMutex mutex;			/* all of the above; counters themselves belong to the CPUs */

static qemu_plugin_u64 counter(uint32_t slot)
{
	return (qemu_plugin_u64){ .score = board, .offset = slot * sizeof(uint64_t) };
}

/* Return the counter of a kernel address. Called with the mutex held. */
static uint32_t slot_for(uint64_t vaddr)
{
	gpointer found = g_hash_table_lookup(slot_of, &vaddr);
	uint32_t slot;

	if (found)
		return GPOINTER_TO_UINT(found);
	if (used == SLOTS)
		return SLOT_LOST;
	slot = used++;
	address[slot] = vaddr;
	g_hash_table_insert(slot_of, &address[slot], GUINT_TO_POINTER(slot));
	return slot;
}

static void begin(void)
{
	before_used = used;
	for (uint32_t slot = 0; slot < used; slot++)
		before[slot] = qemu_plugin_u64_sum(counter(slot));
}

static void end(void)
{
	if (!before_used)
		return;
	fprintf(out, "window %u\n", ++windows);
	for (uint32_t slot = 0; slot < used; slot++) {
		uint64_t made = qemu_plugin_u64_sum(counter(slot)) - (slot < before_used ? before[slot] : 0);

		if (slot == SLOT_USER)
			fprintf(out, "user %" PRIu64 "\n", made);
		else if (slot == SLOT_LOST)
			fprintf(out, "lost %" PRIu64 "\n", made);
		else if (made)
			fprintf(out, "%" PRIx64 " %" PRIu64 "\n", address[slot], made);
	}
	fprintf(out, "end\n");
	fflush(out);
	before_used = 0;
}

static void on_mark(unsigned int cpu, void *data)
{
	g_mutex_lock(&mutex);
	if (GPOINTER_TO_UINT(data) == MARK_BEGIN)
		begin();
	else
		end();
	g_mutex_unlock(&mutex);
}

/* Whether the instruction is a mark, and which. */
static uint32_t mark_of(struct qemu_plugin_insn *insn)
{
	static const uint8_t nop[] = { 0x0f, 0x1f, 0x84, 0x00 };
	uint8_t code[8];
	uint32_t mark;

	if (qemu_plugin_insn_size(insn) != sizeof(code) || qemu_plugin_insn_data(insn, code, sizeof(code)) != sizeof(code) ||
	    memcmp(code, nop, sizeof(nop)))
		return 0;
	memcpy(&mark, code + 4, sizeof(mark));
	return mark == MARK_BEGIN || mark == MARK_END ? mark : 0;
}

static void add_block(struct qemu_plugin_tb *tb, uint32_t slot, size_t count)
{
	qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, counter(slot), count);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t count = qemu_plugin_tb_n_insns(tb);
	uint64_t start = qemu_plugin_tb_vaddr(tb);

	if (!(start >> 63)) {
		add_block(tb, SLOT_USER, count);
		for (size_t i = 0; i < count; i++) {
			struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
			uint32_t mark = mark_of(insn);

			if (mark)
				qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, QEMU_PLUGIN_CB_NO_REGS,
								       GUINT_TO_POINTER(mark));
		}
		return;
	}
	g_mutex_lock(&mutex);
	if (start < MODULES_FIRST || start > MODULES_LAST) {
		add_block(tb, slot_for(start), count);
	} else {
		for (size_t i = 0; i < count; i++) {
			struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

			qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, QEMU_PLUGIN_INLINE_ADD_U64,
				counter(slot_for(qemu_plugin_insn_vaddr(insn))), 1);
		}
	}
	g_mutex_unlock(&mutex);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (g_str_has_prefix(argv[i], "out=") && !out)
			out = fopen(argv[i] + strlen("out="), "w");
		else
			return -1;
	}
	if (!out || !info->system_emulation || strcmp(info->target_name, "x86_64"))
		return -1;
	board = qemu_plugin_scoreboard_new(SLOTS * sizeof(uint64_t));
	before = g_new(uint64_t, SLOTS);
	slot_of = g_hash_table_new(g_int64_hash, g_int64_equal);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	return 0;
}
