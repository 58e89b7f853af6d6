package io.portolan.policy.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.kube.ResourcePath;
import io.portolan.policy.calico.CalicoKinds;
import io.portolan.policy.calico.InForce;
import io.portolan.policy.calico.StagedPolicies;
import io.portolan.policy.calico.StoredForm;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** All objects of a running cluster that policies speak of, as its API server lists them. */
public final class LiveObjects {
  private static final int PAGE = 500;

  private final KubeClient client;
  private final List<ManifestObject> objects = new ArrayList<>();
  private InForce inForce = InForce.EITHER;

  private LiveObjects(KubeClient client) {
    this.client = client;
  }

  /** A refusal. */
  private static final class DeniedException extends IOException {
    private static final long serialVersionUID = 1;

    DeniedException(String message) {
      super(message);
    }
  }

  /**
   * @param notes hears which kinds of staged policy may not be listed, and if it may not be asked
   *     where Calico's objects are
   * @throws IOException if the API server cannot be asked or refuses, naming the resource; but for
   *     staged policies, without which nothing is answered wrongly
   */
  public static List<ManifestObject> read(KubeClient client, Consumer<String> notes)
      throws IOException {
    LiveObjects live = new LiveObjects(client);
    live.required(ResourcePath.NAMESPACES, "Namespace");
    live.required(ResourcePath.NODES, "Node");
    live.required(ResourcePath.PODS, "Pod");
    live.required(ResourcePath.NETWORK_POLICIES, "NetworkPolicy");
    live.list(ResourcePath.CLUSTER_NETWORK_POLICIES, "ClusterNetworkPolicy");
    live.list(CalicoKinds.SERVICE_ACCOUNTS.path(), CalicoKinds.SERVICE_ACCOUNTS.name());
    live.list(ResourcePath.ENDPOINT_SLICES, "EndpointSlice");
    live.locate(notes);
    for (CalicoKinds.Kind kind : CalicoKinds.OWN) {
      live.either(kind.path(), kind.name());
    }
    for (StagedPolicies.Kind kind : StagedPolicies.KINDS) {
      try {
        live.either(kind.path(), kind.name());
      } catch (DeniedException e) {
        notes.accept(e.getMessage() + "; answers do not tell what these would change");
      }
    }
    return live.objects;
  }

  private void required(ResourcePath path, String kind) throws IOException {
    if (!list(path, kind)) {
      throw new IOException("the API server does not serve " + path.plural());
    }
  }

  /** Asks where Calico's objects are. */
  private void locate(Consumer<String> notes) throws IOException {
    try {
      inForce =
          InForce.of(
              datastore(CalicoKinds.CLUSTER_INFORMATION),
              datastore(StoredForm.path(CalicoKinds.CLUSTER_INFORMATION)));
    } catch (DeniedException e) {
      notes.accept(
          e.getMessage()
              + "; Calico's objects are taken from "
              + CalicoKinds.API_VERSION
              + " where that is served, also while Calico moves them");
    }
  }

  private Optional<InForce.Datastore> datastore(ResourcePath path) throws IOException {
    int before = objects.size();
    list(path, "ClusterInformation");
    List<ManifestObject> listed = objects.subList(before, objects.size());
    Optional<InForce.Datastore> says =
        listed.stream().flatMap(one -> InForce.Datastore.of(one.object()).stream()).findFirst();
    listed.clear();
    return says;
  }

  /** As agents do. */
  private void either(ResourcePath path, String kind) throws IOException {
    switch (inForce) {
      case USED -> list(path, kind);
      case STORED -> list(StoredForm.path(path), kind);
      case EITHER -> {
        if (!list(path, kind)) {
          list(StoredForm.path(path), kind);
        }
      }
    }
  }

  /** Whether the server knows the resource. */
  private boolean list(ResourcePath path, String kind) throws IOException {
    String token = "";
    do {
      String query =
          "?limit="
              + PAGE
              + (token.isEmpty()
                  ? ""
                  : "&continue=" + URLEncoder.encode(token, StandardCharsets.UTF_8));
      switch (client.get(path.collection("") + query)) {
        case KubeResult.Ok<ObjectNode>(ObjectNode page) -> {
          for (JsonNode item : page.path("items")) {
            // Items of a list say neither.
            ((ObjectNode) item).put("apiVersion", path.apiVersion()).put("kind", kind);
            objects.add(new ManifestObject("", item));
          }
          token = page.path("metadata").path("continue").asText("");
        }
        case KubeResult.Failed<ObjectNode>(KubeFault fault) -> {
          if (fault.kind() == KubeFault.Kind.NOT_FOUND) {
            return false;
          }
          String what = "listing " + path.plural() + ": " + fault;
          throw fault.kind() == KubeFault.Kind.DENIED
              ? new DeniedException(what)
              : new IOException(what);
        }
      }
    } while (!token.isEmpty());
    return true;
  }
}
