# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are shared by the files that are sourced together
# Programs that are built from Go modules, where their download is not reachable.

go_modules_reachable() {
  local proxy
  proxy=$(go env GOPROXY)
  proxy=${proxy%%[,|]*}
  case $proxy in
    https://* | http://*) answers "$proxy" ;;
    *) return 0 ;;
  esac
}

go_build() { # <module's folder in the project> <executable> <package> <variable=value in it>
  (
    cd "$root/$1" || exit 1
    # Go refuses a module whose content differs from the committed go.sum.
    GOFLAGS=-mod=readonly GOWORK=off CGO_ENABLED=0 \
      long "building ${2##*/} from Go modules (some minutes)" go build -v -buildvcs=false -trimpath \
      -tags osusergo,grpcnotrace -ldflags "-s -w -X $4" -o "$2" "$3"
  )
}
