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
