package io.portolan.calico.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.calico.model.ApiGroup;
import io.portolan.calico.model.ObjectKind;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The objects of one API group in a cluster's API server. */
public final class KubeBlockStore implements BlockStore {
  private static final int PAGE = 500;

  private final KubeClient client;
  private final ApiGroup group;

  public KubeBlockStore(KubeClient client, ApiGroup group) {
    this.client = client;
    this.group = group;
  }

  @Override
  public KubeResult<List<ObjectNode>> list(ObjectKind kind, String label) {
    List<ObjectNode> objects = new ArrayList<>();
    String selector = label.isEmpty() ? "" : "&labelSelector=" + encoded(label);
    String token = "";
    do {
      String path =
          group.path(kind).collection("")
              + ("?limit=" + PAGE)
              + selector
              + (token.isEmpty() ? "" : "&continue=" + encoded(token));
      switch (client.get(path)) {
        case KubeResult.Failed<ObjectNode>(KubeFault fault) -> {
          return new KubeResult.Failed<>(fault);
        }
        case KubeResult.Ok<ObjectNode>(ObjectNode page) -> {
          for (JsonNode item : page.path("items")) {
            if (item instanceof ObjectNode object) {
              objects.add(object);
            }
          }
          token = page.path("metadata").path("continue").asText();
        }
      }
    } while (!token.isEmpty());
    return new KubeResult.Ok<>(objects);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public KubeResult<ObjectNode> get(ObjectKind kind, String name) {
    return client.get(path(kind, name));
  }

  @Override
  public KubeResult<ObjectNode> create(ObjectKind kind, ObjectNode object) {
    return client.create(group.path(kind).collection(""), object);
  }

  @Override
  public KubeResult<ObjectNode> update(ObjectKind kind, ObjectNode object) {
    return client.replace(path(kind, object.path("metadata").path("name").asText()), object);
  }

  @Override
  public KubeResult<ObjectNode> delete(
      ObjectKind kind, String name, String uid, String resourceVersion) {
    ObjectNode options = JsonNodeFactory.instance.objectNode();
    options.put("apiVersion", "v1").put("kind", "DeleteOptions");
    options.putObject("preconditions").put("uid", uid).put("resourceVersion", resourceVersion);
    return client.delete(path(kind, name), options);
  }

  private String path(ObjectKind kind, String name) {
    return group.path(kind).object("", name);
  }
}
