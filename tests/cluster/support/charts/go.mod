// Charts and manifests are read out of these modules; nothing is built.
module agent-platform.local/cluster/charts

go 1.26.0

require (
	github.com/cloudnative-pg/cloudnative-pg v1.30.0
	github.com/envoyproxy/gateway v1.9.1
	sigs.k8s.io/metrics-server v0.9.0
)
