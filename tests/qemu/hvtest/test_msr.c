// SPDX-License-Identifier: GPL-2.0-only
/* Who may touch which MSR: an exception for everything that is not allowed. */
#include "hv.h"

#define R	1
#define W	2

static const struct {
	u32 first, last;
	u64 feature;
	u8 access;
	const char *name;
} msrs[] = {
	{ MSR_GUEST_OS_ID, MSR_HYPERCALL, F_HYPERCALL, R | W, "GUEST_OS_ID, HYPERCALL" },
	{ MSR_VP_INDEX, MSR_VP_INDEX, F_VP_INDEX, R, "VP_INDEX" },
	{ MSR_RESET, MSR_RESET, F_RESET, R | W, "RESET" },
	{ 0x40000004, 0x4000000f, 0, 0, "nothing" },
	{ MSR_VP_RUNTIME, MSR_VP_RUNTIME, F_VP_RUNTIME, R, "VP_RUNTIME" },
	{ 0x40000011, 0x40000011, 0, 0, "nothing" },
	{ MSR_TIME_REF_COUNT, MSR_TIME_REF_COUNT, F_TIME_REF_COUNT, R, "TIME_REF_COUNT" },
	{ MSR_REFERENCE_TSC, MSR_REFERENCE_TSC, F_REFERENCE_TSC, R | W, "REFERENCE_TSC" },
	{ MSR_TSC_FREQUENCY, MSR_APIC_FREQUENCY, F_FREQUENCY, R, "frequencies" },
	{ 0x40000024, 0x40000024, 0, 0, "nothing" },
	{ 0x40000040, 0x40000040, 0, 0, "NPIEP_CONFIG" },
	{ MSR_EOI, MSR_EOI, F_APIC, W, "EOI" },
	{ MSR_TPR, MSR_ASSIST_PAGE, F_APIC, R | W, "TPR, VP_ASSIST_PAGE" },
	{ 0x40000074, 0x40000074, 0, 0, "nothing" },
	{ MSR_SCONTROL, MSR_SCONTROL, F_SYNIC, R | W, "SCONTROL" },
	{ MSR_SVERSION, MSR_SVERSION, F_SYNIC, R, "SVERSION" },
	{ MSR_SIEFP, MSR_EOM, F_SYNIC, R | W, "SIEFP, SIMP, EOM" },
	{ 0x40000085, 0x4000008f, 0, 0, "SIRBP and nothing" },
	/* zero is no vector, see test_synic.c */
	{ 0x400000a0, 0x400000af, 0, 0, "nothing" },
	{ MSR_STIMER_CONFIG(0), MSR_STIMER_COUNT(3), F_STIMER, R | W, "synthetic timers" },
	{ 0x400000b8, 0x400000b9, 0, 0, "nothing" },
	{ 0x400000f0, 0x400000f5, 0, 0, "GUEST_IDLE, debugger" },
	{ 0x400000ff, 0x400000ff, 0, 0, "debugger options" },
	{ MSR_CRASH_P0, MSR_CRASH_CTL, F_CRASH, R | W, "crash parameters" },
	{ 0x40000106, 0x40000108, 0, 0, "reenlightenment" },
	{ 0x40000114, 0x40000115, 0, 0, "time-unhalted timer" },
	{ 0x40000118, 0x40000118, 0, 0, "TSC_INVARIANT_CONTROL" },
	{ 0x40001002, 0x40001002, 0, 0, "VP_INDEX of a nested root" },
	{ 0x40001080, 0x40001080, 0, 0, "SCONTROL of a nested root" },
};

void test_msr(void)
{
	struct cpu *cpu = this_cpu();
	bool sints = true;
	u64 val;

	for (u32 i = 0; i < ARRAY_SIZE(msrs); i++) {
		u8 access = (features & msrs[i].feature) ? msrs[i].access : 0;

		bool good = true;

		for (u32 msr = msrs[i].first; msr <= msrs[i].last; msr++) {
			good &= expect_quiet(rdmsr_safe(msr, &val), access & R ? NO_FAULT : VEC_GP, "msr 0x%x: read", msr);
			good &= expect_quiet(wrmsr_safe(msr, 0), access & W ? NO_FAULT : VEC_GP, "msr 0x%x: write", msr);
			if (!(access & W))
				good &= expect_quiet(cpu->fault_code, 0, "msr 0x%x: error code of the exception", msr);
		}
		verdict(good, "msr 0x%x-0x%x: %s%s%s (%s)", msrs[i].first, msrs[i].last, access & R ? "read" : "",
			access & W ? "write" : "", access ? "" : "no access", msrs[i].name);
	}
	for (u32 i = 0; i < 16; i++)
		sints &= expect_quiet(rdmsr_safe(MSR_SINT0 + i, &val), features & F_SYNIC ? NO_FAULT : VEC_GP, "msr: SINT%u", i);
	verdict(sints, "msr: SINTs");
}
