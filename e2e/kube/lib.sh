# Settings and helpers of the harness; sourced by its commands.
# Every setting can be given in the environment.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

KUBE_BIN=${KUBE_BIN:-/opt/kube-bin}          # what `build` made
KB_ID=${KB_ID:-kb}                           # prefix of namespaces and cgroups
KB_DIR=${KB_DIR:-/tmp/$KB_ID}                # state, logs, certificates
KB_PORT=${KB_PORT:-16443}                    # API server, on 127.0.0.1
KB_ETCD_PORT=${KB_ETCD_PORT:-12379}          # etcd client port (peer port: +1)
KB_SERVICES=${KB_SERVICES:-10.96.0.0/16}     # two ranges, comma-separated: dual stack
KB_PODS=${KB_PODS:-10.244.0.0/16}            # cluster CIDR(s), likewise
KB_NODE_CIDRS=${KB_NODE_CIDRS:-true}         # false: no podCIDR from the controller manager
KB_PROXY=${KB_PROXY:-nftables}               # kube-proxy mode on each node; none: no kube-proxy
KB_V=${KB_V:-1}                              # log level of the components

# The underlay between nodes: one bridge in the namespace $KB_ID-net. KB_UNDERLAY names a file that defines another one:
# the same variables and functions, sourced at the end of this one.
net4=172.30.0 net6=fd00:30:
cp4=$net4.2 cp6=${net6}:2
node4() { echo "$net4.$((10 + $1))"; }
node6() { echo "${net6}:$((10 + $1))"; }
underlay_up() { "$here/net-up"; }                                      # namespace $KB_ID-cp, for $nodes nodes
underlay_plug() { "$here/plug" "node$1" "$(node4 "$1")" "$(node6 "$1")"; }  # namespace $KB_ID-nodeK
underlay_down() { "$here/net-down"; }
provider_id() { :; }                                                   # of node K, empty outside clouds

export PATH=$KUBE_BIN:$PATH
pki=$KB_DIR/pki

say() { printf '%s %s\n' "$(date +%T.%3N)" "$*" >&2; }
die() { say "error: $*"; exit 1; }
ns() { local n=$1; shift; nsenter --net="/run/netns/$KB_ID-$n" "$@"; }   # run in a namespace
k() { kubectl --kubeconfig "$KB_DIR/admin.kubeconfig" "$@"; }

# A process is remembered with its start time, so that `stop` never ends
# another one that got the same id later. A zombie has ended: it only waits
# for this machine's first process to notice.
started() { awk '{sub(/.*\) /, ""); if ($1 != "Z") print $20}' "/proc/$1/stat" 2>/dev/null || true; }

# spawn NAME COMMAND...: run in the background, log in log/NAME.log
spawn() {
  local name=$1; shift
  setsid "$@" </dev/null >>"$KB_DIR/log/$name.log" 2>&1 &
  local pid=$!
  echo "$pid $(started $pid)" >"$KB_DIR/pid/$name"
}

# alive NAME: prints the id if it still runs
alive() {
  local pid start
  read -r pid start 2>/dev/null <"$KB_DIR/pid/$1" || return 1
  [[ -n $start && $(started "$pid") == "$start" ]] && echo "$pid"
}

# stop NAME [SIGNAL]: and wait, ten seconds at most before SIGKILL
stop() {
  local pid i
  if pid=$(alive "$1"); then
    kill "-${2:-TERM}" "$pid" 2>/dev/null || true
    for ((i = 0; i < 200; i++)); do alive "$1" >/dev/null || break; sleep 0.05; done
    alive "$1" >/dev/null && kill -KILL "$pid" 2>/dev/null || true
  fi
  rm -f "$KB_DIR/pid/$1"
}

# until_ok SECONDS WHAT COMMAND...: poll until COMMAND succeeds
until_ok() {
  local end=$((SECONDS + $1)) what=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || die "timed out waiting for $what (logs: $KB_DIR/log)"
    sleep 0.1
  done
}

# cert NAME SUBJECT [SUBJECT-ALT-NAMES]: key and certificate signed by our CA
cert() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$pki/$1.key" 2>/dev/null
  openssl req -new -key "$pki/$1.key" -subj "$2" |
    openssl x509 -req -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -days 30 -out "$pki/$1.crt" \
      -extfile <(printf 'extendedKeyUsage=serverAuth,clientAuth\n%s\n' "${3:+subjectAltName=$3}") 2>/dev/null
}

# kubeconfig FILE CERT-NAME SERVER
kubeconfig() {
  cat >"$1" <<YAML
apiVersion: v1
kind: Config
current-context: kb
clusters: [{name: kb, cluster: {server: "$3", certificate-authority: $pki/ca.crt}}]
users: [{name: kb, user: {client-certificate: $pki/$2.crt, client-key: $pki/$2.key}}]
contexts: [{name: kb, context: {cluster: kb, user: kb}}]
YAML
}

[[ -z ${KB_UNDERLAY:-} ]] || . "$KB_UNDERLAY"
