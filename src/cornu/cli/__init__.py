"""The command `cornu`: run programs, look at the installation, try it out.

One file per subcommand; `main.py` parses the command line. `alias.py` lets programs that say
`import keras` find cornu; the folder `alias_path` does the same for the processes they start.
"""
