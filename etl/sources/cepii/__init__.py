"""CEPII's GeoDist: distance, common border, common language and colonial tie of every pair of countries."""
