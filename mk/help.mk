# help.mk - the list of targets
help:
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' $(MAKEFILE_LIST)
.PHONY: help
