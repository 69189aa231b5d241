"""`make … ENGINE=ray`: make decides what is out of date, a Ray cluster does the work, in the same run folders."""
