"""The one-machine stack: Postgres, an AWS emulator and a mailbox, all bound to 127.0.0.1, all data in .supportmax/."""
