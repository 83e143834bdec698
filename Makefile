# Zhangfang. `make run` and `make test` need nothing else done by hand.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test check screenshots bench bench-peers package generate ui fmt

DEMO := .zf/demo
comma := ,
TARGET := $(or $(CARGO_TARGET_DIR),target)
# cargo-nextest where it is installed; cargo's own runner otherwise.
NEXTEST := $(shell command -v cargo-nextest 2>/dev/null)
TESTS := $(if $(NEXTEST),cargo nextest run --workspace --no-fail-fast,cargo test --workspace --no-fail-fast)

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: ## build, run the demo, open the console on it
	@scripts/setup.sh build
	@echo "▸ building"
	@cargo build -p zhangfang -p zf-cli
	@echo "▸ running the demo in $(DEMO)"
	@$(TARGET)/debug/zf demo --home $(DEMO) --fresh
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		echo "▸ opening the window"; exec $(TARGET)/debug/zhangfang --home $(DEMO); \
	else \
		echo "▸ no display here: serving the console to a browser on this machine"; \
		exec $(TARGET)/debug/zf console --home $(DEMO); \
	fi

check: ## the quick half: format, lints, generated files, UI lint and types
	@scripts/setup.sh test
	@echo "▸ format"
	@cargo fmt --all --check
	@echo "▸ lints"
	@cargo clippy --quiet --workspace --all-targets -- -D warnings
	@echo "▸ UI lint and types"
	@cd ui && npm run --silent lint && npm run --silent typecheck
	@echo "▸ generated files are current"
	@cargo test --quiet --workspace --lib generated_files >/dev/null

test: check ## everything CI runs
	@echo "▸ dependency policy"
	@node scripts/policy.mjs
	@echo "▸ UI tests"
	@cd ui && npm test --silent
	@echo "▸ examples in the documentation"
	@cargo test --quiet --workspace --doc
	@echo "▸ tests, with the real window under Xvfb"
	@$(TESTS)
	@echo "▸ the console in a browser: accessibility"
	@cargo build --quiet -p zf-cli
	@cd ui && npm run --silent browser

screenshots: ## pictures of every page, in tests/output/screens/console
	@scripts/setup.sh screens
	@echo "▸ building"
	@cargo build -p zf-cli
	@cd ui && npm run --silent screenshots

bench: bench-peers ## the measured speeds
	@scripts/setup.sh test
	cargo run --release -p zf-recon --example reconcile_bench
	@# In one command, so that no crate is built twice for two sets of features.
	cargo build --release -p zf-cli -p zhangfang -p zf-store --bins --example orders_bench --example recon_bench
	$(TARGET)/release/examples/orders_bench
	cd ui && ZF=$(abspath $(TARGET))/release/zf node browser/bench.mjs --orders-bench $(abspath $(TARGET))/release/examples/orders_bench --window $(abspath $(TARGET))/release/zhangfang
	@# Ten million bill lines: 8 GB of disk and some minutes; LINES makes it smaller.
	$(TARGET)/release/examples/recon_bench --lines $(or $(LINES),10000000) --db $(abspath $(TARGET))/recon-bench.db
	rm -f $(TARGET)/recon-bench.db $(TARGET)/recon-bench.db-shm $(TARGET)/recon-bench.db-wal
	cd ui && ZF=$(abspath $(TARGET))/release/zf node browser/bench-differences.mjs --lines $(or $(LINES),10000000) --recon-bench $(abspath $(TARGET))/release/examples/recon_bench

# Needs 3 GB of disk for five million rows, 22 GB for the growth to fifty; ROWS, GROWTH and RUNS make it smaller.
bench-peers: ## reconciliation beside DuckDB, Polars and pandas: writes docs/benchmarks.md
	@scripts/setup.sh test
	cargo build --release -p zf-cli
	cargo build --release -p zf-recon --example bill_pair
	benches/peers/run.py --release $(abspath $(TARGET))/release --rows $(or $(ROWS),5000000) --runs $(or $(RUNS),5) --growth "$(if $(filter undefined,$(origin GROWTH)),1000000$(comma)5000000$(comma)20000000$(comma)50000000,$(GROWTH))"

package: ## the installer of this system, in target/release/bundle
	@scripts/setup.sh build
	cargo build --release -p zf-cli
	ui/node_modules/.bin/tauri build

generate: ## write ui/src/generated from the Rust declaration
	ZF_GENERATE=1 cargo test -q -p zf-app --lib generate

ui: ## build the console's pages when their sources changed
	@scripts/setup.sh build

fmt: ## format the Rust sources
	cargo fmt --all
