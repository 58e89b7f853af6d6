package io.portolan.common.options;

import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeConnectionException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** How a program reaches the API server. A {@code @Mixin} of its main. */
public final class ApiServerOptions {
  @ArgGroup private @Nullable Address address;

  /** One at most. */
  private static final class Address {
    @Option(
        names = "--kubeconfig",
        paramLabel = "FILE",
        description = "How to reach the API server. Default: the pod's service account.")
    private @Nullable Path kubeconfig;

    @Option(
        names = "--api-server",
        paramLabel = "URL",
        description =
            "Instead of --kubeconfig: an API server or proxy that asks for no credentials.")
    private @Nullable URI apiServer;
  }

  /**
   * @throws KubeConnectionException if what was given cannot be used
   */
  public KubeClient connect(String userAgent) {
    Optional<Address> given = Optional.ofNullable(address);
    return KubeClient.connect(
        given.flatMap(one -> Optional.ofNullable(one.kubeconfig)),
        given.flatMap(one -> Optional.ofNullable(one.apiServer)),
        userAgent);
  }
}
