"""What Prefect runs: the only package that imports prefect."""
