# SPDX-License-Identifier: GPL-2.0-only
# What a person types. What is built, and from what, is in Kbuild.

KDIR ?= /lib/modules/$(shell uname -r)/build

.DEFAULT_GOAL := help
.PHONY: help demo check check-long check-debug check-kvm bench fuzz mutate modules install uninstall deb rpm bake unbake report hvstat clean

help:
	@echo "make demo              set up everything, boot a stock kernel from a disk our modules drive, show the evidence"
	@echo "make check             set up everything, run every test"
	@echo "make check-long        the tests that take longer: many repetitions, many kernels"
	@echo "make bench             network, disk, bus: our modules against the distribution's, in instructions, exits and time"
	@echo "make check-debug       the end-to-end tests on a debug kernel (KASAN, lockdep): long"
	@echo "make check-kvm         disk, network and services with the test host under KVM; on a machine without, in an emulated one: hours"
	@echo "make fuzz              random input for every parser, in user space"
	@echo "make mutate            break the code on purpose, see that a test notices"
	@echo "make modules KDIR=DIR  build the modules for a prepared kernel tree (default: the running kernel's)"
	@echo "make install KDIR=DIR  build them, put them beside the distribution's and into the initial RAM disk (root); make uninstall: back"
	@echo "make deb               the Debian package hyperv-ic-dkms, in build/deb; docs/install.md"
	@echo "make rpm               the RPM package hyperv-ic-dkms, in build/rpm; prebuilt modules: rpm/build kmod"
	@echo "make bake KSRC=DIR     put them into a kernel source in place of its own, as modules or part of it; make unbake: back, byte for byte"
	@echo "make report            run the matrix, write what was validated to build/report/index.html (CELLS='6.12 disk': only these)"
	@echo "make hvstat            tools/hvstat/hvstat: devices, channels, rings and rates of a guest (man page beside it)"
	@echo "make clean             remove what a build leaves in this tree (the cache outside the tree stays)"
	@echo "tests/vm --help        run anything in a guest"

demo:
	@./setup
	@tests/in-debian tests/demo

check:
	@./setup
	@tests/in-debian tests/check -j 2

check-long:
	@./setup
	@tests/in-debian tests/check --long

bench:
	@./setup bench
	@tests/in-debian bench/run

check-debug:
	@./setup
	@tests/in-debian tests/check-debug

check-kvm:
	@./setup
	@tests/in-debian tests/check-kvm

fuzz:
	@./setup
	@tests/in-debian $(MAKE) -f tests/host/Makefile fuzz

mutate:
	@./setup
	@tests/in-debian tests/host/mutate

modules:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

install: modules
	@mkdir -p build
	@packaging/install $(KDIR)

uninstall:
	@packaging/install --remove $(KDIR)

deb:
	@./setup package
	@tests/in-debian packaging/deb

rpm:
	@./setup
	@tests/in-debian rpm/build dkms

bake:
	@bake/bake add "$(KSRC)"

unbake:
	@bake/bake remove "$(KSRC)"

report:
	@./setup bench
	@tests/in-debian tests/report $(CELLS)

hvstat:
	$(MAKE) -C tools/hvstat

clean:
	rm -rf build
	find . \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' -o -name '*.answer' \) \
		-not -path './.git/*' -delete
	rm -f Module.symvers modules.order compat/config.h compat/probe.log compat/probes/*.log
