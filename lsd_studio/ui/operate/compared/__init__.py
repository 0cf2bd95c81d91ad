"""A page of Operate: operators from label to label, compared and tried."""
