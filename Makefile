# Every chore once. `make` alone lists them.
# The package is installed into .lib/, so that nothing outside this folder changes but the cache of built MLX.

LIB = $(CURDIR)/.lib
MAKEFLAGS += --no-print-directory
R_ENV = R_LIBS="$(LIB)$${R_LIBS:+:$$R_LIBS}" PATH="$$PATH:$${CARGO_HOME:-$$HOME/.cargo}/bin"
TARBALL = dist/Rmlx_$(shell sed -n 's/^Version: *//p' DESCRIPTION).tar.gz

help: ## list the commands
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' Makefile | expand -t 16

setup: ## install what building and running needs (apt, dnf or brew; nothing when all is there)
	@tools/setup.sh

setup-developer: ## the same, with what lint, document, check and .ci/run need
	@tools/setup.sh developer

install: setup ## build the package and install it into .lib/
	@mkdir -p "$(LIB)"
	@$(R_ENV) R CMD INSTALL --no-test-load --library="$(LIB)" .
	@$(R_ENV) Rscript -e 'invisible(loadNamespace("Rmlx"))' || \
	  { echo "Rmlx was built but does not load; the lines above say why" >&2; exit 1; }

demo: install ## fit a regression and a small network, beside what lm() finds; writes demo-loss.png
	@$(R_ENV) Rscript tools/demo.R

test: install ## run the tests of the package and of the Rust crate
	@$(R_ENV) Rscript dev/run-tests.R
	@cd src/rust && $(R_ENV) RUST_TEST_THREADS=1 cargo test --quiet --locked --release --package mlx

fuzz: install ## call every function with good and bad arguments in child processes (FUZZ_CALLS, FUZZ_SEED)
	@$(R_ENV) Rscript dev/fuzz.R

document: setup-developer install ## write man/ and NAMESPACE from the comments in R/
	@$(R_ENV) Rscript -e 'roxygen2::roxygenise(load_code = "installed")'

lint: install ## rustfmt, clippy, lintr and shellcheck, each with no finding
	@$(R_ENV) dev/lint.sh

bench: install ## run every script in benchmarks/
	@for script in benchmarks/*.R; do \
	  case $$script in */helpers.R) continue ;; esac; \
	  echo "== $$script"; $(R_ENV) Rscript "$$script" || exit 1; done

dist: setup-developer ## make the release tarball dist/Rmlx_VERSION.tar.gz, which holds all its crates
	@dev/dist.sh

check: dist ## R CMD check --as-cran on the release tarball
	@dev/check.sh $(TARBALL)

test-offline: dist ## install the release tarball with no network and an empty home folder
	@dev/offline-install.sh $(TARBALL)

test-debian13: dist ## install and test the release tarball on Debian 13 in a chroot (needs root)
	@dev/debian13.sh test $(TARBALL)

test-configure: ## test every branch of configure
	@dev/test-configure.sh

clean: ## remove what builds leave here (not the cache of built MLX, nor .lib/)
	@./cleanup
	@rm -rf dist demo-loss.png ..Rcheck Rmlx.Rcheck

.PHONY: help setup setup-developer install demo test fuzz document lint bench dist check test-offline test-debian13 \
  test-configure clean
