// Folders of files are read out of these modules; nothing is built.
module agent-platform.local/tools/crds

go 1.26.0

require github.com/cloudnative-pg/cloudnative-pg v1.30.1
