"""`python -m clawtrace_core` is `clawtrace`."""

from clawtrace_core.cli.app import main

if __name__ == "__main__":
    main()
