"""What can be set: settings, the feeds file, and the lists that ship with khotin."""
