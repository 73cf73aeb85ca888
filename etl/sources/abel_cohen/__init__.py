"""Abel and Cohen's estimates of how many people moved from one country to another in five years."""
