# The only entry: people and CI call these targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PATH := $(PATH):/opt/swift/usr/bin

BUILD  ?= .build
FILTER ?=
INODES ?=
STRICT ?=
QUICK  ?=
ROWS   ?=
SUBJECTS ?=
BENCH_DIRECTORY ?= /var/tmp
KILLS  ?=
MINUTES ?=
SEED   ?=
NODES  ?=
OPERATIONS ?=
FILESYSTEM ?=
MODE   ?=
FULL   ?=
RECORD ?=
KERNELS ?=
VERSION ?=
CONFIG ?=
SOURCE ?=
JOBS ?=
PATIENCE ?=
PREFIX ?= /usr/local
SBIN   ?= /sbin
SYSCONFDIR ?= /etc
UNITS  ?= $(PREFIX)/lib/systemd/system
ZSH_COMPLETIONS ?= $(PREFIX)/share/zsh/site-functions
# What foliofs --version tells; a tarball (make dist) brings it along.
export FOLIOFS_COMMIT := $(shell cat .commit 2>/dev/null || git describe --always --dirty --abbrev=12 --exclude '*' 2>/dev/null || echo unknown)

SWIFT    := swift
RELEASE  := $(BUILD)/release
TOOLS    := $(BUILD)/tools
EXAMPLE_PROGRAMS := MemoryFilesystem ArchiveFilesystem PolicyQuestion KernelTable
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
PYTHON_SOURCES := $(wildcard BuildTools/*.py Benchmarks/*.py Benchmarks/families/*.py)
SHELL_SOURCES := $(wildcard .ci/run demo/run demo/observe guest/build-kernels packaging/debian/build packaging/debian/test packaging/systemd/test packaging/debian/postinst packaging/debian/prerm packaging/debian/postrm) $(filter-out %.md,$(wildcard examples/stories/*))
BENCH_PROGRAMS := $(patsubst Benchmarks/programs/%.c,$(TOOLS)/%,$(wildcard Benchmarks/programs/*.c)) $(TOOLS)/passthrough_ll
FUZZ          := $(BUILD)/fuzz
# The package's identity as SwiftPM has it: its folder.
PACKAGE       := $(shell basename "$(CURDIR)" | tr A-Z a-z)
FUZZERS       ?= RequestDispatch DirectoryPacking ProgramHeaders ControlMessages Configurations KernelText Manifests
# What a fuzzer begins with, beside its own folder in Fuzz/corpus.
SEEDS_ProgramHeaders := Tests/LinuxFactsTests/Samples
SEEDS_KernelText     := Tests/LinuxFactsTests/Samples
SEEDS_Manifests      := Plugins Tests/foliofsTests/Facts Tests/FolioCapabilityTests/Sins Tests/FolioCapabilityTests/Mistakes
SEEDS_Configurations := Tests/FolioConfigurationTests/Mistakes
# Where the modules are that make release has built.
MODULES       = -I $(BUILD)/release/Modules -Xcc -I/usr/include/fuse3 \
                $(foreach map,Sources/CFuse3/module.modulemap $(wildcard Sources/*/include/module.modulemap $(BUILD)/release/*.build/module.modulemap) \
                    $(BUILD)/checkouts/swift-system/Sources/CSystem/include/module.modulemap,-Xcc -fmodule-map-file=$(map))
SECONDS       ?= 20
# What is installed beside README.md, where its links lead.
DOCUMENTS     := $(wildcard docs/*.md docs/images/* examples/container/* examples/kubernetes/* examples/monitoring/* examples/stories/*) \
                 $(addprefix examples/plugins/c/,capability.toml Makefile plugin.c)
# The first heading of CHANGELOG.md, and its day; foliofs --version is held to it by a test.
RELEASE_VERSION := $(shell sed -n '0,/^## /s/^## \([0-9.]*\) .*/\1/p' CHANGELOG.md)
RELEASE_DATE  := $(shell sed -n '0,/^## /s/^## [0-9.]* (\([0-9-]*\)).*/\1/p' CHANGELOG.md)
C_PROGRAMS    := $(patsubst demo/%.c,$(TOOLS)/%,$(wildcard demo/*.c)) $(patsubst Stress/%.c,$(TOOLS)/%,$(wildcard Stress/*.c))

.PHONY: help deps docs manual dist deb check-examples check-tutorials test-package test-service uninstall build release programs test test-unit test-mount text-table kernels guests twin sanitize fuzz crash recover fire stress-staging check format workarounds demo bench bench-policy bench-staging bench-recovery install clean kernel matrix races

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

build: release programs manual ## everything that make test runs: foliofs, the examples, the mount tests, the C programs
	for example in $(EXAMPLE_PROGRAMS); do $(SWIFT) build --scratch-path $(BUILD) -c release --static-swift-stdlib --product $$example || exit 1; done
	$(SWIFT) build --scratch-path $(BUILD) -c release --static-swift-stdlib --product foliofs-mount-tests
	$(SWIFT) build --scratch-path $(BUILD) -c release --static-swift-stdlib --product foliofs-twin

release: ## foliofs alone, optimised, with the Swift runtime inside: .build/release/foliofs
	$(SWIFT) build --scratch-path $(BUILD) -c release --static-swift-stdlib --product foliofs

# Written where they are new, so that what has not changed is not installed anew.
manual: release ## man pages and shell completions, from what foliofs says of itself and docs/: .build/manual, .build/completions
	@mkdir -p $(BUILD)/completions
	@$(RELEASE)/foliofs --experimental-dump-help > $(BUILD)/help.json
	@python3 -B BuildTools/manual.py --dump $(BUILD)/help.json --output $(BUILD)/manual --version $(RELEASE_VERSION) --date $(RELEASE_DATE)
	@mandoc -T lint -W warning $(BUILD)/manual/*
	@for shell in bash zsh fish; do $(RELEASE)/foliofs --generate-completion-script $$shell | sed '1{/^#!/d}' > $(BUILD)/completions/foliofs.$$shell || exit 1; done
	@bash -n $(BUILD)/completions/foliofs.bash

programs: $(C_PROGRAMS)

$(TOOLS)/%: Stress/%.c Stress/stress.h
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
	$(AS_ROOT) env PATH="$$PATH" HOME="$$HOME" STRICT="$(STRICT)" FULL="$(FULL)" RECORD="$(RECORD)" KILLS="$(KILLS)" INODES="$(INODES)" SEED="$(SEED)" MINUTES="$(MINUTES)" FOLIOFS_KERNELS="$$FOLIOFS_KERNELS" \
	    unshare --mount --pid --fork --kill-child --mount-proc bash -c '"$$0" "$$@"; exit $$?' \
	    $(abspath $(RELEASE))/foliofs-mount-tests --binaries $(abspath $(RELEASE)) --tools $(abspath $(TOOLS)) $(if $(FILTER),"$(FILTER)")

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

kernels: ## build the test kernels that are missing, in ~/.cache/foliofs/kernels; KERNELS="7.3 6.12-rothp" builds these, SOURCE=DIR from a tree at hand
	$(call install_packages,$(KERNEL_PACKAGES))
	SOURCE="$(if $(SOURCE),$(abspath $(SOURCE)))" guest/build-kernels $(KERNELS)

kernel: ## build one: VERSION=6.12 CONFIG=rothp (or norothp, filesystems, faults; none: as Debian has it)
	@[ -n "$(VERSION)" ] || { echo "make kernel VERSION=6.12 CONFIG=rothp" >&2; exit 2; }
	@$(MAKE) --no-print-directory kernels KERNELS=$(VERSION)$(if $(CONFIG),-$(CONFIG))

guests: ## play every scenario on every kernel that make kernels built, as mount tests (an hour); make matrix reports it
	@$(MAKE) --no-print-directory test-mount FILTER=Guests/ FULL=1

matrix: build ## some 5400 scenarios on this kernel and on every one that make kernels built, and one report: matrix-results/report.html; JOBS=, KERNELS=, STAGES=all
	@[ -z "$(AS_ROOT)" ] && [ "$$(id -u)" != 0 ] && { echo "make matrix needs root (or sudo) and /dev/fuse" >&2; exit 4; } || true
	@mkdir -p matrix-results
	$(AS_ROOT) env PATH="$$PATH" HOME="$$HOME" FOLIOFS_KERNELS="$$FOLIOFS_KERNELS" JOBS="$(JOBS)" PATIENCE="$(PATIENCE)" STAGES="$(STAGES)" \
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

recover: ## kill the server of supervised mounts KILLS=10000 times in all under the twin test and other programs; SEED= repeats a run
	@$(MAKE) test-mount FILTER=Recovery/ KILLS=$(or $(KILLS),10000)

fire: ## writers and readers of the same files at once, by every route, MINUTES=20 each; SEED= repeats a run
	@$(MAKE) test-mount FILTER=Fire/ MINUTES=$(or $(MINUTES),20)

races: ## collapse, fault, write, truncate, punch, reclaim, migrate and remount at once, on each filesystem and route, MINUTES=10 each; SEED=
	@$(MAKE) test-mount FILTER=Races/ MINUTES=$(or $(MINUTES),10)

stress-staging: ## 54 GiB of sparse and dense files through a staging limit of 1 GiB with 8 readers, MINUTES=10
	@$(MAKE) test-mount FILTER=Flood/ MINUTES=$(or $(MINUTES),10)

fuzz: $(FUZZERS:%=$(FUZZ)/%) ## every parser of foreign bytes under the address sanitizer, from a corpus each; SECONDS=20 each, FUZZERS="Manifests KernelText"
	@$(foreach fuzzer,$(FUZZERS),echo $(fuzzer); mkdir -p $(FUZZ)/$(fuzzer).corpus; \
	    SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 $(FUZZ)/$(fuzzer) -max_total_time=$(SECONDS) -max_len=4096 -verbosity=0 \
	        -print_final_stats=1 -artifact_prefix=$(FUZZ)/$(fuzzer). $(FUZZ)/$(fuzzer).corpus \
	        $(wildcard Fuzz/corpus/$(fuzzer)) $(SEEDS_$(fuzzer)) || exit 1;)

# $(1): the modules that it imports, as make release has built them, in which nothing is looked for; $(2): more sources and libraries.
# Linked as they are, with the runtime inside. What is an argument itself is compiled into the fuzzer, and looked for.
define fuzzer
	$(SWIFT) build --scratch-path $(BUILD) -c release --static-swift-stdlib --product foliofs
	@mkdir -p $(FUZZ)
	swiftc -static-stdlib -use-ld=lld -sanitize=fuzzer,address -parse-as-library -swift-version 6 -O -wmo -module-name $(notdir $@) \
	    -package-name $(PACKAGE) \
	    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility \
	    $(MODULES) -o $@ $(filter %.swift,$^) $(2) $(if $(1),$$(find $(foreach module,$(1),$(BUILD)/release/$(module).build/) -name '*.o')) -lstdc++
endef

$(FUZZ)/ProgramHeaders: Fuzz/ProgramHeaders.swift $(wildcard Sources/LinuxFacts/ELFImage*.swift)
	$(call fuzzer)

$(FUZZ)/ControlMessages: Fuzz/ControlMessages.swift Sources/FolioFS/Control/ControlMessage.swift Sources/foliofs/Monitor/MetricsRequest.swift
	$(call fuzzer)

$(FUZZ)/KernelText: Fuzz/KernelText.swift $(wildcard Sources/LinuxFacts/*.swift)
	$(call fuzzer,FolioPolicy CLinuxShims SystemPackage CSystem)

$(FUZZ)/Manifests: Fuzz/Manifests.swift $(wildcard Sources/FolioCapability/*.swift Sources/FolioCapability/*/*.swift)
	$(call fuzzer,FolioPolicy CLinuxShims CFolioPlugin SystemPackage CSystem TOMLKit CTOML,$(BUILD)/plugins/outputs/$(PACKAGE)/FolioCapability/destination/EmbedManifests/*.swift)

$(FUZZ)/Configurations: Fuzz/Configurations.swift $(wildcard Sources/FolioConfiguration/*.swift)
	$(call fuzzer,FolioCapability LinuxFacts FolioPolicy CLinuxShims CFolioPlugin SystemPackage CSystem TOMLKit CTOML)

$(FUZZ)/%: Fuzz/%.swift $(wildcard Sources/FuseServer/*.swift Sources/FuseServer/*/*.swift) Sources/CFuse3/shim.h
	$(call fuzzer,CLinuxShims SystemPackage CSystem,$$(pkg-config --libs fuse3))

check: workarounds ## format lint, shell and Python syntax, man pages, workarounds
	$(SWIFT) format lint --strict -r $(SWIFT_SOURCES)
	@mandoc -T lint -W warning $(wildcard packaging/man/*.[1-8])
	@python3 -B BuildTools/check_documents.py
	@for script in $(SHELL_SOURCES); do bash -n "$$script" || exit 1; done
	@python3 -c 'import ast, sys; [ast.parse(open(name).read(), name) for name in sys.argv[1:]]' $(PYTHON_SOURCES)

format: ## format every Swift file in place
	$(SWIFT) format -i -r $(SWIFT_SOURCES)

workarounds: ## list what is there only until something else is fixed
	@grep -rnE 'WORKAROUND\([a-z]' --include='*.swift' --include='*.[ch]' Sources MountTests examples 2>/dev/null || echo "no workarounds"

docs: release ## the libraries' documentation as web pages, .build/docs/FuseServer and .build/docs/FolioPolicy; a mistake is an error
	@for module in FuseServer FolioPolicy; do \
	    rm -rf $(BUILD)/docs/$$module $(BUILD)/docs/$$module.graphs; mkdir -p $(BUILD)/docs/$$module.graphs; \
	    swift-symbolgraph-extract -module-name $$module -target $$(uname -m)-unknown-linux-gnu $(MODULES) -minimum-access-level public \
	        -omit-extension-block-symbols -output-dir $(BUILD)/docs/$$module.graphs || exit 1; \
	    docc convert Sources/$$module/$$module.docc --additional-symbol-graph-dir $(BUILD)/docs/$$module.graphs \
	        --fallback-display-name $$module --fallback-bundle-identifier foliofs.$$module --warnings-as-errors --transform-for-static-hosting --output-path $(BUILD)/docs/$$module || exit 1; \
	    echo "python3 -m http.server -d $(BUILD)/docs/$$module 8000    # then see http://localhost:8000/documentation/$$(echo $$module | tr A-Z a-z)/"; \
	done

demo: release programs ## a big program and big files, with FolioFS and without, in about a minute
	FOLIOFS=$(abspath $(RELEASE))/foliofs TOOLS=$(abspath $(TOOLS)) demo/run

bench-policy: release ## measure the decision engine: ns and bytes for a decision, answers a second of explain --query -
	$(SWIFT) build --scratch-path $(BUILD) -c release --static-swift-stdlib --product foliofs-policy-bench
	$(abspath $(RELEASE))/foliofs-policy-bench $(abspath $(RELEASE))/foliofs

bench-staging: release ## measure staging against cp onto a tmpfs of the same kind, interleaved
	$(AS_ROOT) unshare --mount python3 -B Benchmarks/staging.py --foliofs $(abspath $(RELEASE))/foliofs --directory $(BENCH_DIRECTORY)

bench-recovery: release ## measure the pause when the server of a supervised mount is killed, with NODES=10,10000,1000000
	$(AS_ROOT) unshare --mount python3 -B Benchmarks/recovery.py --foliofs $(abspath $(RELEASE))/foliofs --directory $(BENCH_DIRECTORY) \
	    $(if $(NODES),--nodes $(NODES)) $(if $(KILLS),--kills $(KILLS))

bench: bench-policy bench-staging ## measure against the source filesystem and other FUSE mirrors (25 minutes); QUICK=1, ROWS=, SUBJECTS=, PROCESSOR=0
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

install: manual ## all of it below $(PREFIX), mount(8)'s helpers to $(SBIN), the configuration to $(SYSCONFDIR); DESTDIR= for packages
	install -D -m 755 $(RELEASE)/foliofs $(DESTDIR)$(PREFIX)/bin/foliofs
	install -d $(DESTDIR)$(SBIN)
	for name in mount.foliofs mount.fuse.foliofs; do ln -sfrn $(DESTDIR)$(PREFIX)/bin/foliofs $(DESTDIR)$(SBIN)/$$name; done
	for section in 1 5 8; do install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man$$section $(BUILD)/manual/*.$$section; done
	ln -sfn mount.fuse.foliofs.8 $(DESTDIR)$(PREFIX)/share/man/man8/mount.foliofs.8
	install -D -m 644 $(BUILD)/completions/foliofs.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/foliofs
	install -D -m 644 $(BUILD)/completions/foliofs.zsh $(DESTDIR)$(ZSH_COMPLETIONS)/_foliofs
	install -D -m 644 $(BUILD)/completions/foliofs.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/foliofs.fish
	install -d $(DESTDIR)$(UNITS)
	sed 's,@BINDIR@,$(PREFIX)/bin,; s,@SYSCONFDIR@,$(SYSCONFDIR),' packaging/systemd/foliofs@.service.in > $(DESTDIR)$(UNITS)/foliofs@.service
	chmod 644 $(DESTDIR)$(UNITS)/foliofs@.service
	install -d $(DESTDIR)$(PREFIX)/share/foliofs/plugins $(DESTDIR)$(SYSCONFDIR)/foliofs/mounts $(DESTDIR)$(SYSCONFDIR)/foliofs/plugins
	[ -e $(DESTDIR)$(SYSCONFDIR)/foliofs/foliofs.conf ] || install -m 644 packaging/conf/foliofs.conf $(DESTDIR)$(SYSCONFDIR)/foliofs/foliofs.conf
	for file in README.md CHANGELOG.md $(DOCUMENTS); do install -D -m "$$(test -x $$file && echo 755 || echo 644)" $$file $(DESTDIR)$(PREFIX)/share/doc/foliofs/$$file || exit 1; done

uninstall: ## what install has put there, but for the configuration
	rm -f $(DESTDIR)$(PREFIX)/bin/foliofs $(DESTDIR)$(SBIN)/mount.foliofs $(DESTDIR)$(SBIN)/mount.fuse.foliofs
	rm -f $(DESTDIR)$(PREFIX)/share/man/man[158]/foliofs[-.]* $(DESTDIR)$(PREFIX)/share/man/man8/mount.fuse.foliofs.8 $(DESTDIR)$(PREFIX)/share/man/man8/mount.foliofs.8
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/foliofs $(DESTDIR)$(ZSH_COMPLETIONS)/_foliofs
	rm -f $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/foliofs.fish $(DESTDIR)$(UNITS)/foliofs@.service
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/foliofs
	for folder in share/foliofs/plugins share/foliofs; do [ ! -d $(DESTDIR)$(PREFIX)/$$folder ] || rmdir --ignore-fail-on-non-empty $(DESTDIR)$(PREFIX)/$$folder; done

dist: ## a tarball of what is committed, which is built and installed without git: .build/foliofs-VERSION.tar.gz
	@mkdir -p $(BUILD)
	git describe --always --abbrev=12 --exclude '*' > $(BUILD)/.commit
	git archive --prefix=foliofs-$(RELEASE_VERSION)/ --add-file=$(BUILD)/.commit --output=$(BUILD)/foliofs-$(RELEASE_VERSION).tar.gz HEAD

deb: manual ## a Debian package: .build/foliofs_VERSION_ARCHITECTURE.deb
	VERSION=$(RELEASE_VERSION) RELEASE_DATE=$(RELEASE_DATE) packaging/debian/build $(BUILD)

test-package: deb ## the package: lintian, and installed, used, upgraded and purged in a Debian made for it (a minute and the network)
	$(call install_packages,lintian debootstrap)
	lintian --fail-on error,warning --tag-display-limit 0 $(BUILD)/foliofs_$(RELEASE_VERSION)-1_*.deb
	$(AS_ROOT) packaging/debian/test $(BUILD)/foliofs_$(RELEASE_VERSION)-1_*.deb $(PACKAGE_CHROOT)

test-service: deb ## foliofs@.service under a systemd that is booted in a container: ready, reloaded, killed, hung, stopped
	$(call install_packages,debootstrap systemd-container)
	$(AS_ROOT) packaging/systemd/test $(BUILD)/foliofs_$(RELEASE_VERSION)-1_*.deb $(SERVICE_CHROOT)

check-tutorials: ## the libraries' tutorials, built as packages of their own from what the documents show, and run
	python3 -B BuildTools/check_tutorials.py $(BUILD)/tutorials

check-examples: ## the Kubernetes examples against Kubernetes' own schemas (PyPI's kubernetes-validate), the stories' syntax
	@[ -x $(BUILD)/kubernetes/bin/kubernetes-validate ] || { python3 -m venv $(BUILD)/kubernetes && $(BUILD)/kubernetes/bin/pip -q install kubernetes-validate; }
	$(BUILD)/kubernetes/bin/kubernetes-validate --strict examples/kubernetes/*.yaml

clean: ## remove what was built
	rm -rf $(BUILD)
