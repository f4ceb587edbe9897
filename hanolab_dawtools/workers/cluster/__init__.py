"""Workers on other machines, through a dask scheduler. The only user of dask, loaded when used."""
