# SPDX-License-Identifier: MIT
# Puts what \include{doc} names in its place before Doxygen reads a page: Doxygen itself would run the paragraphs of such a file
# together. It is called in the folder where "source" leads to the project, and "tables" holds what is made from the logs in each
# language.
/^\\include\{doc\} / {
  file = ($2 ~ /\//) ? "source/" $2 : "tables/" language "/" $2
  while ((status = (getline line < file)) > 0) print line
  if (status < 0) print "cannot read " file > "/dev/stderr"
  next
}
{ print }
