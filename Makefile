# The commands of everyday work. The build itself is meson.build; each target installs what it needs (tools/setup).
# make run ARGS="--listen 127.0.0.1:9000"
BUILD ?= build
SETUP := tools/setup
ARGS ?=

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  \1\t/p' Makefile | expand -t 12

setup: ## install everything that any target needs
	@$(SETUP) build test lint bench screenshots fuzz

build: $(BUILD)/build.ninja ## build/versioner
	@$(SETUP) build
	ninja -C $(BUILD) versioner

$(BUILD)/build.ninja:
	@$(SETUP) build
	meson setup $(BUILD)

run: build ## a server on ./versioner.db
	$(BUILD)/versioner serve $(ARGS)

demo: build ## a server on a month of a made-up company, in build/demo
	@mkdir -p $(BUILD)/demo
	@test -e $(BUILD)/demo/versioner.db || $(BUILD)/versioner demo --db $(BUILD)/demo/versioner.db
	$(BUILD)/versioner serve --db $(BUILD)/demo/versioner.db $(ARGS)

test: ## all tests; ends with "N passed, N failed"
	@$(SETUP) build test
	@tools/run-tests --build $(BUILD)

asan: ## all tests with the address and undefined behaviour sanitizers
	@$(SETUP) build test
	@tools/run-tests --build build-asan --sanitize address,undefined

tsan: ## all tests with the thread sanitizer
	@$(SETUP) build test
	@tools/run-tests --build build-tsan --sanitize thread

fuzz: ## each fuzz target for FUZZ_SECONDS (60) with libFuzzer
	@$(SETUP) build fuzz
	@tools/run-fuzz $(FUZZ_SECONDS)

bench: build ## measure; how to read it: bench/README.md
	@$(SETUP) build bench
	@BENCH_SERVER=$(BUILD)/versioner bench/run $(ARGS)

screenshots: build ## take the pictures of the documentation anew
	@$(SETUP) build screenshots
	@node tools/screenshots/take.mjs $(BUILD)/versioner $(ARGS)

lint: $(BUILD)/build.ninja ## style, floors, static analysis
	@$(SETUP) build test lint
	@tools/lint $(BUILD)

fmt: ## format the C sources
	@$(SETUP) lint
	@git ls-files --cached --others --exclude-standard '*.c' '*.h' | xargs clang-format-14 -i

clean: ## remove what was built
	rm -rf build build-asan build-tsan build-fuzz web/build

.PHONY: help setup build run demo test asan tsan fuzz bench screenshots lint fmt clean
.DEFAULT_GOAL := help
