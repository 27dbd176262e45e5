# Each target is one script; `make up STACK=name` takes another stack of this machine.
# Without the tsx command, which is one more process of Node.
tsx := node --import tsx
# A verb of the command, for the stack that STACK names.
howdah := bin/howdah $${STACK:+--stack "$$STACK"}
export STACK
# tsx runs what it finds in its cache, and that has a name in /tmp which anybody can foresee.
export TSX_DISABLE_CACHE := 1

.DEFAULT_GOAL := help
.PHONY: help up down status test test-fresh test-distros test-incidents check bench bench-quiet setup

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile

up: node_modules/.package-lock.json ## PostgreSQL on this machine, highly available
	@$(howdah) up

down: node_modules/.package-lock.json ## Delete it again, data included (YES=1 does not ask)
	@$(howdah) down $(if $(filter 1,$(YES)),--yes)

status: node_modules/.package-lock.json ## Endpoints, nodes, and whether every login and part works
	@$(howdah) status

test: node_modules/.package-lock.json ## Every test, unit to end-to-end
	@$(tsx) dev/test.ts

check: node_modules/.package-lock.json ## Lint, types and unit tests
	@$(tsx) dev/test.ts --check

test-fresh: ## Targets in a fresh Debian 12 (as root; STEPS="up status down test")
	@dev/fresh/run.sh

test-distros: node_modules/.package-lock.json ## A stack's life in a fresh Debian 13 (as root; SUITES="bookworm trixie")
	@dev/fresh/distros.sh

test-incidents: node_modules/.package-lock.json ## Some forty incidents on a real stack, whose alerts have to reach a webhook (half an hour)
	@npx jest --selectProjects incidents

bench: node_modules/.package-lock.json ## Measure failovers, the engine, backups, restores, new connections and the collector on stacks of their own
	@$(tsx) bench/failover.ts
	@$(tsx) bench/backup.ts
	@$(tsx) bench/connections.ts
	@$(tsx) bench/collector.ts

bench-quiet: node_modules/.package-lock.json ## Half an hour of load and a planned switchover on a stack of its own, in which no alert may fire
	@$(tsx) bench/quiet.ts

setup: node_modules/.package-lock.json ## What up and test need, without running them
	@$(tsx) setup/setup.ts

# npm writes this file last: it stands for a complete installation.
node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund
	@touch $@
