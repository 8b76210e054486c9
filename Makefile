# Everything here only calls ./mvnw, scripts in the folder they belong to, and Debian's own tools.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The JDK that builds and runs Tidemark: $JAVA_HOME if it is one, else the first JDK 25 under /usr/lib/jvm.
JDK := $(firstword $(foreach home,$(JAVA_HOME) $(wildcard /usr/lib/jvm/*),$(shell \
	grep -qs 'JAVA_VERSION="25' $(home)/release && test -x $(home)/bin/javac && echo $(home))))
export JAVA_HOME := $(JDK)
# Maven itself still touches Unsafe; its warnings would hide ours.
export MAVEN_OPTS := --sun-misc-unsafe-memory-access=allow

MVN := ./mvnw

# Debian packages that the tests and the demo use: the users' own NBD clients, QEMU and file systems.
TEST_PACKAGES := qemu-utils qemu-system-common qemu-system-x86 qemu-block-extra nbdkit libnbd-bin nbdfuse \
	python3-libnbd fio e2fsprogs xfsprogs busybox-static linux-image-cloud-amd64 cpio openssl curl iproute2 procps faketime
# What `make torture-data` uses beyond that.
DATA_PACKAGES := btrfs-progs postgresql postgresql-client
BENCH_PACKAGES := qemu-utils qemu-system-common qemu-block-extra nbdkit fio iperf3 gcc libc6-dev iproute2 openssl python3
MODEL_PACKAGES := spin gcc libc6-dev python3
MONITORING_PACKAGES := prometheus qemu-utils python3 python3-libnbd python3-yaml openssl
CONSOLE_PACKAGES := chromium chromium-driver fonts-liberation python3 python3-selenium qemu-utils openssl
IMAGE_PACKAGES := mmdebstrap debian-archive-keyring qemu-utils e2fsprogs dosfstools mtools fdisk grub-common grub-pc-bin \
	grub-efi-amd64-bin faketime zstd git iproute2 util-linux python3
IMAGE_TEST_PACKAGES := qemu-system-x86 qemu-utils ovmf xorriso openssh-client openssl python3 python3-libnbd
ANSIBLE_PACKAGES := ansible-core ansible-lint
ANSIBLE_TEST_PACKAGES := ansible-core mmdebstrap debian-archive-keyring systemd-container qemu-utils curl openssl iproute2 util-linux python3 \
	python3-libnbd busybox-static linux-image-cloud-amd64 cpio
DEMO_PACKAGES := qemu-utils libnbd-bin python3-libnbd python3 e2fsprogs openssl

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: jdk
jdk:
	@test -n "$(JDK)" || { echo "Tidemark needs a JDK 25: install temurin-25-jdk (adoptium.net) or set JAVA_HOME"; exit 1; }

.PHONY: build
build: jdk ## compile and package, without the tests
	$(MVN) -q -DskipTests install

# Installs what is missing, if we may; else says how.
define need
	@missing=$$(for p in $(1); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	test -z "$$missing" || if [ "$$(id -u)" = 0 ]; then \
		echo "installing" $$missing; \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $$missing >/dev/null; \
	else \
		echo "please run: sudo apt-get update && sudo apt-get install --no-install-recommends" $$missing; exit 1; \
	fi
endef

.PHONY: demo
demo: build ## protect a disk, lose its site, bring it back at the other: three minutes
	$(call need,$(DEMO_PACKAGES))
	appliance/demo/demo.py

.PHONY: run
run: build ## run one appliance with default settings, for a look around
	QUARKUS_PROFILE=local appliance/bin/tidemark

.PHONY: pair
pair: build ## run two appliances, north and south, to get to know: docs/first-hour.md
	$(call need,$(DEMO_PACKAGES))
	appliance/demo/pair.py

# Runs one part of the tests and says how long it took: $(call part,its name,its command).
define part
	@echo "== $(1)"; SECONDS=0; $(2) || { echo "== $(1): FAILED after $$SECONDS s"; exit 1; }; echo "== $(1): $$SECONDS s"
endef

# The tests of one tag, on what `unit` built and installed.
tagged = $(MVN) -B -ntp surefire:test -Dtest.groups=$(1) -Dtest.excludedGroups=torture,fuzz

.PHONY: test
test: jdk ## all that CI runs: the build, then every test with the users' own tools
	$(call part,packages,$(MAKE) -s test-packages)
	$(call part,build and unit tests,$(MVN) -B -ntp -T 2 install)
	$(call part,AOT cache,appliance/bin/train)
	$(call part,real clients,$(call tagged,clients))
	$(call part,a guest under TCG,$(call tagged,guest))
	$(call part,kills,$(call tagged,kill))
	$(call part,monitoring,$(MAKE) -s monitoring)
	$(call part,Ansible collection,$(MAKE) -s ansible-lint)

.PHONY: test-packages
test-packages:
	$(call need,$(TEST_PACKAGES))

.PHONY: aot
aot: build ## build, and leave an AOT cache beside the program: it starts in half the time (20 s)
	$(call need,curl)
	appliance/bin/train

.PHONY: unit
unit: jdk ## unit, byte, property, crash and simulation tests: no tool but the JDK
	$(MVN) install

.PHONY: clients guest kill
clients guest kill: jdk test-packages ## one suite of `make test`, on what `make build` installed
	$(call tagged,$@)

.PHONY: monitoring-test
monitoring-test: build monitoring ## alert rules and dashboard, against two appliances that a real Prometheus scrapes (30 s)

# The same on what is built already.
.PHONY: monitoring
monitoring:
	$(call need,$(MONITORING_PACKAGES))
	docs/monitoring/test.py

.PHONY: console-test
console-test: build ## the console in a headless Chromium, against two appliances; screenshots in appliance/target/console (3 minutes)
	$(call need,$(CONSOLE_PACKAGES))
	appliance/console/console_test.py

# make fuzz ONLY=ConversationFuzzTest   one of them
# make fuzz SEED=4711 N=1               the input of a failure again
.PHONY: fuzz
fuzz: build ## hostile input to NBD, REST and the link, and damaged files: N=1000000 inputs, from SEED=1 on (hours)
	$(MVN) -B -ntp surefire:test -Dtest.groups=fuzz -Dtest.excludedGroups=torture -Dsurefire.failIfNoSpecifiedTests=false \
		$(if $(ONLY),-Dtest=$(ONLY)) -Dfuzz.inputs=$(or $(N),1000000) -Dfuzz.seed=$(or $(SEED),1) -Dtest.redirect=false

# make mutants ONLY=quota-doubled,never-slows    some of them
.PHONY: mutants
mutants: jdk ## break the product in one place at a time: the tests have to find each (some minutes)
	appliance/src/test/mutants/mutants.py --only=$(ONLY)

# make torture CUTS=20 KILLS=30      fewer power cuts and kills
.PHONY: torture
torture: build test-packages ## every crash point, and many power cuts, kills, freezes and faults of the link (hours, root)
	$(MVN) -B -ntp surefire:test -Dtest.groups='torture|kill' -Dtest.excludedGroups=data -Dcuts=$(or $(CUTS),100) \
		-Dkills=$(or $(KILLS),100) -Dfailover.kills=20

# make torture-data DATA_SEED=N      the same points again, as far as processes can be made to
.PHONY: torture-data
torture-data: build test-packages ## databases on every file system, and group cuts, at many points (root)
	$(call need,$(DATA_PACKAGES))
	id -u tidemark-test >/dev/null 2>&1 || useradd --system --no-create-home tidemark-test
	$(MVN) -B -ntp surefire:test -Dtest.groups=data -Dtest.excludedGroups=none $(if $(DATA_SEED),-Ddata.seed=$(DATA_SEED))

# make soak MINUTES=12               shorter
# make soak SEED=4711                a run again, as far as processes can be made to; an odd seed is one in plaintext
.PHONY: soak
soak: build test-packages ## fifty streams under random faults for an hour: every disk right, nothing grows (a quiet machine)
	$(MVN) -B -ntp surefire:test -pl appliance -Dtest.groups=soak -Dtest.excludedGroups=none -Dtest.redirect=false \
		-Dsoak.minutes=$(or $(MINUTES),60) $(if $(SEED),-Dsoak.seed=$(SEED))

# make simulate SEED=17 STEPS=3000   one run again, told from its end
# make simulate N=5000               more seeds
# make simulate N=0                  without end, until one fails: how far it is every 20 s, then the line to run that one again
.PHONY: simulate
simulate: jdk ## run simulations of two sites by their seeds, on what `make build` installed
	$(MVN) -q -pl appliance surefire:test -Dtest=SimulatorTest#keepsItsPromisesInAnyHistory -Dtest.excludedGroups= -Dtest.redirect=false \
		-Dsimulator.first=$(or $(SEED),0) -Dsimulator.seeds=$(if $(SEED),1,$(or $(N),1000)) -Dsimulator.steps=$(or $(STEPS),3000)

# make bench ONLY=ingest,reads       some parts of it: ingest, wan, target, streams, reads, memory, overload, recovery
# make bench SECONDS_PER_CASE=10     longer measurements
# make bench BENCH=long              sustained runs of 2 minutes, memory over 10 minutes
.PHONY: bench
bench: build ## measure beside qemu-nbd, nbdkit and QEMU's mirror (40 minutes, quiet machine, root)
	$(call need,$(BENCH_PACKAGES))
	appliance/bench/bench.py --only=$(ONLY) --seconds=$(or $(SECONDS_PER_CASE),4) $(if $(filter long,$(BENCH)),--long)

.PHONY: bench-table
bench-table: ## write what was measured last to docs/performance.md
	appliance/bench/table.py

# REUSE=1 make image                 with Debian's packages of the last time
.PHONY: image
image: build ## the virtual machine to deploy, image/target/tidemark.qcow2 (5 minutes, root)
	$(call need,$(IMAGE_PACKAGES))
	image/build.sh

.PHONY: image-test
image-test: ## boot two of what `make image` made, under emulation, and protect one to the other (20 minutes)
	$(call need,$(IMAGE_TEST_PACKAGES))
	image/test/image_test.py

.PHONY: image-measure
image-measure: ## how long the appliance in the image takes to start, with its AOT cache and without (root)
	bash -c 'source image/build.sh && inside bash -s < image/measure.sh'

.PHONY: ansible-package
ansible-package: build ## the Ansible collection, program and Java runtime, in ansible/target
	$(call need,ansible-core)
	ansible/package.sh

.PHONY: ansible-lint
ansible-lint: ## the Ansible collection without a finding (a minute)
	$(call need,$(ANSIBLE_PACKAGES))
	ansible/package.sh collection
	cd ansible && ANSIBLE_COLLECTIONS_PATH=target/collections ansible-lint --offline --profile production
	ansible/test/protect_test.py

# Keeps Debian's packages of the last time in ansible/target/tree.
.PHONY: ansible-test
ansible-test: ansible-package ## roles and playbooks on booted containers, and on a guest under TCG (root)
	$(call need,$(ANSIBLE_TEST_PACKAGES))
	ansible/test/ansible_test.py

# make dependency-check NVD=https://mirror.example.com/nvdcve-2.0-{0}.json.gz   what is known to be wrong with them, too
.PHONY: dependency-check
dependency-check: build ## versions and licences of all libraries, in appliance/target/dependencies.txt (a minute)
	$(MVN) -q -B -ntp org.cyclonedx:cyclonedx-maven-plugin:makeBom -pl appliance
	appliance/tools/dependency_check.py appliance/target/dependencies.cdx.json appliance/target/quarkus-app/quarkus-app-dependencies.txt \
		> appliance/target/dependencies.txt
	$(if $(NVD),$(MVN) -B -ntp org.owasp:dependency-check-maven:check -pl appliance -DnvdDatafeedUrl='$(NVD)')

.PHONY: model
model: ## verify the models of docs/model, and that each way to break them is found (3 minutes)
	$(call need,$(MODEL_PACKAGES))
	docs/model/check.py $(ONLY)

.PHONY: fmt
fmt: jdk ## format the code
	$(MVN) -q spotless:apply

.PHONY: clean
clean: jdk ## remove what was built
	$(MVN) -q clean
	rm -rf image/target ansible/target
