"""Plans that a person approves: when one is asked, and which copy an approval covers."""
