# The only entry: people and CI call these targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PATH := $(PATH):/opt/swift/usr/bin

BUILD  ?= .build
FILTER ?=
INODES ?= 200000
STRICT ?=
QUICK  ?=
ROWS   ?=
SUBJECTS ?=
BENCH_DIRECTORY ?= /var/tmp
KILLS  ?=
MINUTES ?=
SEED   ?=
OPERATIONS ?=
FILESYSTEM ?=
MODE   ?=
FULL   ?=
RECORD ?=
KERNELS ?=
VERSION ?=
CONFIG ?=
JOBS ?=
PATIENCE ?=
PREFIX ?= /usr/local
SBIN   ?= /sbin

SWIFT    := swift
RELEASE  := $(BUILD)/release
TOOLS    := $(BUILD)/tools
AS_ROOT  := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)
PACKAGES := libfuse3-dev fuse3 pkg-config gcc libc6-dev make git python3 python3-jsonschema perl file xfsprogs btrfs-progs erofs-utils \
            squashfs-tools e2fsprogs acl attr sqlite3 jq strace quota rsync bindfs \
            qemu-system-x86 busybox-static cpio binutils util-linux f2fs-tools dosfstools exfatprogs ntfs-3g udftools jfsutils \
            nilfs-tools genisoimage genromfs mandoc
# What make kernels builds with, and what only its kernels are tested with: an NFS server, which Debian starts where it can.
KERNEL_PACKAGES := debian-archive-keyring flex bison bc libelf-dev libssl-dev lz4 xz-utils nfs-kernel-server
# What bench compares with, and the tools it works with; not needed for anything else.
BENCH_PACKAGES := bindfs mergerfs fuse-overlayfs fio tar findutils sqlite3 python3-lmdb
EXAMPLES       := /usr/share/doc/libfuse3-dev/examples
SWIFT_SOURCES := $(wildcard Benchmarks/policy Sources Tests MountTests TwinTest Fuzz Plugins examples Package.swift)
PYTHON_SOURCES := $(wildcard Benchmarks/*.py Benchmarks/families/*.py)
SHELL_SOURCES := $(wildcard .ci/run demo/run demo/observe guest/build-kernels)
BENCH_PROGRAMS := $(patsubst Benchmarks/programs/%.c,$(TOOLS)/%,$(wildcard Benchmarks/programs/*.c)) $(TOOLS)/passthrough_ll
FUZZ          := $(BUILD)/fuzz
FUZZERS       := RequestDispatch DirectoryPacking ProgramHeaders
FUZZ_MODULES  := -I $(BUILD)/release/Modules -Xcc -I/usr/include/fuse3 -Xcc -fmodule-map-file=Sources/CFuse3/module.modulemap \
                 -Xcc -fmodule-map-file=$(BUILD)/checkouts/swift-system/Sources/CSystem/include/module.modulemap
SECONDS       ?= 20
C_PROGRAMS    := $(patsubst demo/%.c,$(TOOLS)/%,$(wildcard demo/*.c)) $(patsubst Stress/%.c,$(TOOLS)/%,$(wildcard Stress/*.c))

.PHONY: help deps build release programs test test-unit test-mount text-table kernels kernel guests matrix twin sanitize fuzz crash fire races stress-staging check format workarounds demo bench bench-policy bench-staging install clean

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Installs those of $(1) that are missing.
define install_packages
	@missing=; for package in $(1); do \
	    dpkg-query -W -f '$${db:Status-Status}' "$$package" 2>/dev/null | grep -qx installed || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	    echo "installing:$$missing"; \
	    $(AS_ROOT) apt-get update -qq && \
	    $(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	fi
endef

deps: ## install the Debian packages that are missing (needs root or sudo only when one is)
	$(call install_packages,$(PACKAGES))
	@command -v $(SWIFT) >/dev/null || { echo "swift is neither on PATH nor in /opt/swift/usr/bin: see https://swift.org/install" >&2; exit 1; }

build: release programs ## everything that make test runs: foliofs, the example, the mount tests, the C programs
	$(SWIFT) build --scratch-path $(BUILD) -c release --static-swift-stdlib --product MemoryFilesystem
	$(SWIFT) build --scratch-path $(BUILD) -c release --static-swift-stdlib --product foliofs-mount-tests
	$(SWIFT) build --scratch-path $(BUILD) -c release --static-swift-stdlib --product foliofs-twin

release: ## foliofs alone, optimised, with the Swift runtime inside: .build/release/foliofs
	$(SWIFT) build --scratch-path $(BUILD) -c release --static-swift-stdlib --product foliofs

programs: $(C_PROGRAMS)

$(TOOLS)/%: Stress/%.c
	@mkdir -p $(TOOLS)
	$(CC) -std=gnu11 -O2 -Wall -Wextra -Werror -pthread -o $@ $<

$(TOOLS)/%: demo/%.c
	@mkdir -p $(TOOLS)
	$(CC) -std=gnu11 -O2 -Wall -Wextra -Werror -o $@ $<

test: deps check test-unit build test-mount ## all of it

test-unit: ## no privilege, no mount
	$(SWIFT) test --scratch-path $(BUILD)

test-mount: build ## real mounts in a namespace of their own; FILTER=part of a name, STRICT=1 forbids skips, INODES=2000000
	@[ -z "$(AS_ROOT)" ] && [ "$$(id -u)" != 0 ] && { echo "make test-mount needs root (or sudo) and /dev/fuse" >&2; exit 4; } || true
	$(AS_ROOT) env PATH="$$PATH" HOME="$$HOME" STRICT="$(STRICT)" FULL="$(FULL)" RECORD="$(RECORD)" KILLS="$(KILLS)" SEED="$(SEED)" MINUTES="$(MINUTES)" FOLIOFS_KERNELS="$$FOLIOFS_KERNELS" \
	    unshare --mount --pid --fork --kill-child --mount-proc bash -c '"$$0" "$$@"; exit $$?' \
	    $(abspath $(RELEASE))/foliofs-mount-tests --binaries $(abspath $(RELEASE)) --tools $(abspath $(TOOLS)) $(FILTER)

# Plays generated operations on a directory and through the mount of its twin; $(1) is the foliofs, the rest are options.
define twin
	@[ -z "$(AS_ROOT)" ] && [ "$$(id -u)" != 0 ] && { echo "the twin test needs root (or sudo) and /dev/fuse" >&2; exit 4; } || true
	$(AS_ROOT) $(2) unshare --mount --pid --fork --kill-child --mount-proc bash -c \
	    'mountpoint -q /sys/fs/fuse/connections || mount -t fusectl none /sys/fs/fuse/connections; "$$0" "$$@"; exit $$?' \
	    $(abspath $(RELEASE))/foliofs-twin --foliofs $(abspath $(1)) $(3) \
	    $(if $(SEED),--seed $(SEED)) $(if $(FILESYSTEM),--filesystem $(FILESYSTEM)) $(if $(MODE),--mode $(MODE))
endef

text-table: ## the text of real programs mapped by PMDs, without FolioFS and with it
	@$(MAKE) --no-print-directory test-mount FILTER=TextTable/

kernels: ## build the test kernels that are missing, in ~/.cache/foliofs/kernels; KERNELS="7.3 6.12-rothp" builds these
	$(call install_packages,$(KERNEL_PACKAGES))
	guest/build-kernels $(KERNELS)

kernel: ## build one: VERSION=6.12 CONFIG=rothp (or norothp, filesystems; none: as Debian has it)
	@[ -n "$(VERSION)" ] || { echo "make kernel VERSION=6.12 CONFIG=rothp" >&2; exit 2; }
	@$(MAKE) --no-print-directory kernels KERNELS=$(VERSION)$(if $(CONFIG),-$(CONFIG))

guests: ## play every scenario on every kernel that make kernels built, as mount tests (an hour); make matrix reports it
	@$(MAKE) --no-print-directory test-mount FILTER=Guests/ FULL=1

matrix: build ## every scenario on this kernel and on every one that make kernels built, and one report: matrix-results/report.html; JOBS=, KERNELS=
	@[ -z "$(AS_ROOT)" ] && [ "$$(id -u)" != 0 ] && { echo "make matrix needs root (or sudo) and /dev/fuse" >&2; exit 4; } || true
	@mkdir -p matrix-results
	$(AS_ROOT) env PATH="$$PATH" HOME="$$HOME" FOLIOFS_KERNELS="$$FOLIOFS_KERNELS" JOBS="$(JOBS)" PATIENCE="$(PATIENCE)" \
	    unshare --mount --pid --fork --kill-child --mount-proc bash -c '"$$0" "$$@"; exit $$?' \
	    $(abspath $(RELEASE))/foliofs-mount-tests --binaries $(abspath $(RELEASE)) --tools $(abspath $(TOOLS)) \
	    --matrix $(abspath matrix-results) $(if $(KERNELS),"$(KERNELS)")

twin: build ## OPERATIONS=2000000 generated operations on a directory and through the mount; SEED=, FILESYSTEM=, MODE=
	$(call twin,$(RELEASE)/foliofs,,--operations $(or $(OPERATIONS),2000000))

sanitize: build ## the twin test with foliofs built for ThreadSanitizer, and for AddressSanitizer with leaks looked for
	$(SWIFT) build --scratch-path $(BUILD)-tsan --sanitize=thread --product foliofs
	$(call twin,$(BUILD)-tsan/debug/foliofs,env TSAN_OPTIONS="exitcode=66 suppressions=$(abspath BuildTools/thread-sanitizer.suppressions)",--seconds 120 --patience 120)
	$(SWIFT) build --scratch-path $(BUILD)-asan --sanitize=address --product foliofs
	$(call twin,$(BUILD)-asan/debug/foliofs,env ASAN_OPTIONS="detect_leaks=1" LSAN_OPTIONS="suppressions=$(abspath BuildTools/leak-sanitizer.suppressions)",--seconds 120 --patience 120)

crash: ## kill the daemon under load KILLS=1000 times on each of four filesystems; SEED= repeats a run
	@$(MAKE) test-mount FILTER=Crash/ KILLS=$(or $(KILLS),1000)

fire: ## writers and readers of the same files at once, by every route, MINUTES=20 each; SEED= repeats a run
	@$(MAKE) test-mount FILTER=Fire/ MINUTES=$(or $(MINUTES),20)

races: ## collapse, fault, write, truncate, punch, reclaim, migrate and remount at once, on each filesystem and route, MINUTES=10 each; SEED=
	@$(MAKE) test-mount FILTER=Races/ MINUTES=$(or $(MINUTES),10)

stress-staging: ## 54 GiB of sparse and dense files through a staging limit of 1 GiB with 8 readers, MINUTES=10
	@$(MAKE) test-mount FILTER=Flood/ MINUTES=$(or $(MINUTES),10)

fuzz: $(FUZZERS:%=$(FUZZ)/%) ## what the kernel may send, directories, and ELF headers, at random under the address sanitizer; SECONDS=20 each
	@for fuzzer in $^; do \
	    echo "$$fuzzer"; mkdir -p $$fuzzer.corpus; \
	    SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 $$fuzzer -max_total_time=$(SECONDS) -max_len=600 -verbosity=0 \
	        -print_final_stats=1 -artifact_prefix=$$fuzzer. $$fuzzer.corpus || exit 1; \
	done

$(FUZZ)/ProgramHeaders: Fuzz/ProgramHeaders.swift $(wildcard Sources/LinuxFacts/ELFImage*.swift)
	@mkdir -p $(FUZZ)
	swiftc -sanitize=fuzzer,address -parse-as-library -swift-version 6 -O -wmo -module-name ProgramHeaders -package-name foliofs \
	    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault -o $@ $^

$(FUZZ)/%: Fuzz/%.swift $(wildcard Sources/FuseServer/*.swift Sources/FuseServer/*/*.swift) Sources/CFuse3/shim.h
	$(SWIFT) build --scratch-path $(BUILD) -c release --static-swift-stdlib --product MemoryFilesystem
	@mkdir -p $(FUZZ)
	swiftc -sanitize=fuzzer,address -parse-as-library -swift-version 6 -O -wmo -module-name $* \
	    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault $(FUZZ_MODULES) -o $@ \
	    $< $(filter-out Sources/CFuse3/%,$(filter Sources/%,$^)) $(BUILD)/release/SystemPackage.build/*.o $(BUILD)/release/CSystem.build/*.o \
	    $$(pkg-config --libs fuse3)

check: workarounds ## format lint, shell and Python syntax, man pages, workarounds
	$(SWIFT) format lint --strict -r $(SWIFT_SOURCES)
	@mandoc -T lint -W warning $(wildcard packaging/man/*)
	@for script in $(SHELL_SOURCES); do bash -n "$$script" || exit 1; done
	@python3 -c 'import ast, sys; [ast.parse(open(name).read(), name) for name in sys.argv[1:]]' $(PYTHON_SOURCES)

format: ## format every Swift file in place
	$(SWIFT) format -i -r $(SWIFT_SOURCES)

workarounds: ## list what is there only until something else is fixed
	@grep -rnE 'WORKAROUND\([a-z]' --include='*.swift' --include='*.[ch]' Sources MountTests examples 2>/dev/null || echo "no workarounds"

demo: release programs ## a big program and big files, with FolioFS and without, in about a minute
	FOLIOFS=$(abspath $(RELEASE))/foliofs TOOLS=$(abspath $(TOOLS)) demo/run

bench-policy: release ## measure the decision engine: ns and bytes for a decision, answers a second of explain --query -
	$(SWIFT) build --scratch-path $(BUILD) -c release --static-swift-stdlib --product foliofs-policy-bench
	$(abspath $(RELEASE))/foliofs-policy-bench $(abspath $(RELEASE))/foliofs

bench-staging: release ## measure staging against cp onto a tmpfs of the same kind, interleaved
	$(AS_ROOT) unshare --mount python3 -B Benchmarks/staging.py --foliofs $(abspath $(RELEASE))/foliofs --directory $(BENCH_DIRECTORY)

bench: bench-policy bench-staging ## measure against the source filesystem and other FUSE mirrors (15 minutes); QUICK=1, ROWS=, SUBJECTS=, PROCESSOR=0
	$(call install_packages,$(BENCH_PACKAGES))
	@$(MAKE) --no-print-directory $(BENCH_PROGRAMS)
	$(AS_ROOT) unshare --mount $(if $(PROCESSOR),taskset -c $(PROCESSOR)) python3 -B Benchmarks --foliofs $(abspath $(RELEASE))/foliofs --tools $(abspath $(TOOLS)) \
	    --output bench-results --directory $(BENCH_DIRECTORY) $(if $(QUICK),--quick) --rows $(ROWS) --subjects $(SUBJECTS)

$(TOOLS)/%: Benchmarks/programs/%.c $(wildcard Benchmarks/programs/*.h)
	@mkdir -p $(TOOLS)
	$(CC) -std=gnu11 -O2 -Wall -Wextra -Werror -pthread -o $@ $<

$(TOOLS)/floor: Benchmarks/programs/floor.c
	@mkdir -p $(TOOLS)
	$(CC) -std=gnu11 -O2 -Wall -Wextra -Werror -o $@ $< $$(pkg-config --cflags --libs fuse3)

$(TOOLS)/passthrough_ll: $(EXAMPLES)/passthrough_ll.c # libfuse's, which is not ours to hold to our warnings
	@mkdir -p $(TOOLS)
	$(CC) -O2 -w -o $@ $< $$(pkg-config --cflags --libs fuse3)

install: release ## foliofs to $(PREFIX)/bin, mount.foliofs to $(SBIN), man pages
	install -D -m 755 $(RELEASE)/foliofs $(DESTDIR)$(PREFIX)/bin/foliofs
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man5 packaging/man/*.5
	install -d $(DESTDIR)$(SBIN)
	ln -sfn $(PREFIX)/bin/foliofs $(DESTDIR)$(SBIN)/mount.foliofs

clean: ## remove what was built
	rm -rf $(BUILD)
