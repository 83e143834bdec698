# Zhangfang. `make run` and `make test` need nothing else done by hand.

.PHONY: generate

generate: ## write ui/src/generated from the Rust declaration
	ZF_GENERATE=1 cargo test -q -p zf-app --lib generate
