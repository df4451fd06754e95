"""The study on planted truth: how right CostCraft is where what is right is known. Every figure is simulated."""
