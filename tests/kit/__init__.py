"""What the tests of several rooms use. Imports no framework: a room's tests also run where the others are missing."""
