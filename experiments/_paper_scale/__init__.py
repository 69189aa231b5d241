"""What the runs of SCALE=paper cost: warm steps measured on this machine, hours computed from them."""
