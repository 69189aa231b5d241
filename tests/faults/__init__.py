"""Stages that are killed, disks that fill up, files that rot: what the next `make` does about it."""
