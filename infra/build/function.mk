# The one recipe of every function: SAM calls `make build-<LogicalId>` in the function's folder.
build-%:
	@python3 ../../infra/build/artifact.py function "$(notdir $(CURDIR))" "$(ARTIFACTS_DIR)"
