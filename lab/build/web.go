// Web is a user's workload in the lab: it serves the files of the folders given as arguments as "path: content"
// lines, so that a mounted Secret and ConfigMap can be seen from outside the cluster.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	folders := os.Args[1:]
	http.HandleFunc("/", func(response http.ResponseWriter, _ *http.Request) {
		host, _ := os.Hostname()
		fmt.Fprintf(response, "pod: %s\n", host)
		for _, folder := range folders {
			writeFiles(response, folder)
		}
	})
	server := &http.Server{Addr: ":8080"}
	stopping := make(chan os.Signal, 1)
	signal.Notify(stopping, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stopping
		server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
}

// A projected volume shows each key as a link into a hidden folder; Glob leaves the hidden ones out.
func writeFiles(response http.ResponseWriter, folder string) {
	files, _ := filepath.Glob(filepath.Join(folder, "[^.]*"))
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			fmt.Fprintf(response, "%s: %v\n", file, err)
			continue
		}
		fmt.Fprintf(response, "%s: %s\n", file, strings.TrimSpace(string(content)))
	}
}
