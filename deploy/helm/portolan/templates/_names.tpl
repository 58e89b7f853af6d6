{{- define "portolan.labels" -}}
app.kubernetes.io/part-of: portolan
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* An image of ours: list . "node" */ -}}
{{- define "portolan.image" -}}
{{- $root := index . 0 -}}
image: {{ printf "%s/%s:%s" $root.Values.image.registry (index . 1) $root.Values.image.tag | quote }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
{{- end }}

{{- define "portolan.pullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "portolan.apiServer" -}}
{{- with .Values.apiServer }}{{ if .host }}
- {name: KUBERNETES_SERVICE_HOST, value: {{ .host | quote }}}
- {name: KUBERNETES_SERVICE_PORT, value: {{ .port | quote }}}
{{- end }}{{ end }}
{{- end }}

{{- /* Rules as in the directory rbac, in the release's namespace. */ -}}
{{- define "portolan.rbac" -}}
{{- $root := index . 0 -}}
{{ $root.Files.Get (printf "rbac/%s.yaml" (index . 1)) | replace "namespace: kube-system" (printf "namespace: %s" $root.Release.Namespace) }}
{{- end }}

{{- /* Agents serve metrics on the node's own loopback address, or where Prometheus can read them. */ -}}
{{- define "portolan.metricsHost" -}}
{{- if not .Values.monitoring.podMonitors }}host: 127.0.0.1, {{ end }}
{{- end }}

{{- define "portolan.agentProbes" -}}
{{- $host := include "portolan.metricsHost" (index . 0) -}}
{{- $port := index . 1 -}}
startupProbe:
  httpGet: { {{- $host }}path: /healthz, port: {{ $port }}}
  periodSeconds: 1
  failureThreshold: 60
livenessProbe:
  httpGet: { {{- $host }}path: /healthz, port: {{ $port }}}
  periodSeconds: 10
readinessProbe:
  httpGet: { {{- $host }}path: /readyz, port: {{ $port }}}
  periodSeconds: 5
{{- end }}
