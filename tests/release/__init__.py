"""What a release holds: built and looked at in `make test`, installed alone and started in `make release-check`."""
