{{- define "rapporteur.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "rapporteur.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "rapporteur.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "rapporteur.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "rapporteur.selector" -}}
app.kubernetes.io/name: {{ include "rapporteur.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "rapporteur.labels" -}}
{{ include "rapporteur.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "rapporteur.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "rapporteur.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "rapporteur.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* A value as the environment has it. Numbers of YAML come as floats, which must not become 1e+06. */}}
{{- define "rapporteur.value" -}}
{{- if kindIs "float64" . -}}
{{- if eq . (floor .) }}{{ printf "%.0f" . }}{{ else }}{{ . }}{{ end -}}
{{- else if or (kindIs "map" .) (kindIs "slice" .) -}}
{{- fail (printf "settings: %v cannot be said in the environment; write it in config" .) -}}
{{- else -}}
{{ . }}
{{- end -}}
{{- end -}}

{{/* The variable of a setting: kafka.properties.sasl.password is RAPPORTEUR__KAFKA__PROPERTIES__SASL_PASSWORD. */}}
{{- define "rapporteur.variable" -}}
{{- $parts := splitList "." . -}}
{{- $open := and (gt (len $parts) 2) (has (index $parts 1) (list "properties" "consumer" "producer")) -}}
{{- if $open -}}
RAPPORTEUR__{{ index $parts 0 | upper }}__{{ index $parts 1 | upper }}__{{ slice $parts 2 | join "_" | upper }}
{{- else -}}
RAPPORTEUR__{{ join "__" $parts | upper }}
{{- end -}}
{{- end -}}

{{/* All settings as variables, a line each. */}}
{{- define "rapporteur.environment" -}}
RAPPORTEUR__HTTP__LISTEN: "0.0.0.0:9464"
{{- range $section, $values := .Values.settings }}
{{- range $key, $value := $values }}
{{- if kindIs "map" $value }}
{{- range $name, $inner := $value }}
{{ include "rapporteur.variable" (printf "%s.%s.%s" $section $key $name) }}: {{ include "rapporteur.value" $inner | quote }}
{{- end }}
{{- else }}
{{ include "rapporteur.variable" (printf "%s.%s" $section $key) }}: {{ include "rapporteur.value" $value | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
