"""The command line: `gainsched run | analyze | schedule | list | show | demo`."""
