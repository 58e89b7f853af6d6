package io.portolan.policy.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.kube.NodeAddressesRecord;
import io.portolan.common.kube.PodRecord;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.agent.ClusterFeeds;
import io.portolan.policy.calico.CalicoKinds;
import io.portolan.policy.calico.StoredForm;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.EndpointSlice;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.model.ServiceName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;

/**
 * All objects of a cluster at one time, read and defaulted as the API server does: a missing
 * namespace is {@code default}, a namespace that holds something exists, and a service that selects
 * pods has their endpoints.
 *
 * @param facts what the compiler hears of, namespaces first
 * @param staged policies that decide nothing
 */
public record ClusterState(
    Map<PodName, PodRecord> pods,
    Map<String, NodeAddressesRecord> nodes,
    SequencedMap<ObjectName, ClusterObject.Fact> facts,
    SequencedMap<ObjectName, ClusterObject.Staged> staged) {

  public static final ClusterState EMPTY =
      new ClusterState(Map.of(), Map.of(), new LinkedHashMap<>(), new LinkedHashMap<>());

  public ClusterState {
    pods = Map.copyOf(pods);
    nodes = Map.copyOf(nodes);
    facts = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(facts));
    staged = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(staged));
  }

  /**
   * What an agent hears when this state follows another, but for the wiring of its own pods. UIDs
   * of manifests need not be there, nor differ: pods are told apart by their names, too.
   */
  public List<ClusterChange> changesSince(ClusterState before) {
    List<ClusterChange> changes = new ArrayList<>();
    before.pods.keySet().stream()
        .filter(name -> !pods.containsKey(name))
        .forEach(name -> changes.add(new ClusterChange.PodGone(name)));
    before.facts.forEach((name, fact) -> {
      if (!facts.containsKey(name)) {
        changes.add(fact.gone());
      }
    });
    facts.forEach((name, fact) -> {
      if (!fact.equals(before.facts.get(name))) {
        changes.add(fact.seen());
      }
    });
    pods.forEach((name, pod) -> {
      if (!pod.equals(before.pods.get(name))) {
        changes.add(new ClusterChange.PodSeen(pod(pod)));
      }
    });
    return changes;
  }

  static ClusterPod pod(PodRecord record) {
    ClusterPod pod = ClusterFeeds.clusterPod(record);
    return new ClusterPod(
        pod.name(),
        pod.uid() + " " + pod.name(),
        pod.labels(),
        pod.serviceAccount(),
        pod.finished(),
        pod.addresses(),
        pod.ports(),
        pod.started());
  }

  /** The same, with addresses of domain names. */
  ClusterState with(Map<String, List<IpAddress>> domains) {
    SequencedMap<ObjectName, ClusterObject.Fact> all = new LinkedHashMap<>(facts);
    domains.forEach((name, addresses) ->
        all.put(
            new ObjectName("", "domain", "", name),
            new ClusterObject.Fact(
                new ClusterChange.DnsSeen(name, addresses),
                new ClusterChange.DnsSeen(name, List.of()),
                "",
                List.of())));
    return new ClusterState(pods, nodes, all, staged);
  }

  public boolean hasStaged() {
    return !staged.isEmpty();
  }

  /** The same, with staged policies enforced in the place of those of the same name. */
  public ClusterState enforcingStaged() {
    SequencedMap<ObjectName, ClusterObject.Fact> all = new LinkedHashMap<>(facts);
    staged.forEach((name, policy) -> {
      PolicyId id =
          switch (policy.change()) {
            case ClusterChange.PolicySeen(Policy seen) -> seen.id();
            case ClusterChange.PolicyGone(PolicyId gone) -> gone;
            default -> throw new IllegalStateException("no policy: " + policy);
          };
      all.values()
          .removeIf(fact ->
              fact.seen() instanceof ClusterChange.PolicySeen(Policy other)
                  && other.id().equals(id));
      if (policy.change() instanceof ClusterChange.PolicySeen) {
        all.put(
            name,
            new ClusterObject.Fact(
                policy.change(),
                new ClusterChange.PolicyGone(id),
                policy.namespace(),
                policy.problems()));
      }
    });
    return new ClusterState(pods, nodes, all, new LinkedHashMap<>());
  }

  /** Which object of a cluster. */
  record ObjectName(String group, String kind, String namespace, String name) {
    static ObjectName namespace(String name) {
      return new ObjectName("", "Namespace", "", name);
    }

    @Override
    public String toString() {
      return kind + " " + (namespace.isEmpty() ? "" : namespace + "/") + name;
    }
  }

  /**
   * Reads objects; a {@code List} stands for its items.
   *
   * @param notes hears what is left out
   * @throws MalformedInputException naming where the object was found, the object and the field
   */
  public static ClusterState of(List<ManifestObject> objects, Consumer<String> notes)
      throws MalformedInputException {
    Reader reader = new Reader(notes);
    for (ManifestObject object : objects) {
      reader.read(object.where(), object.object());
    }
    return reader.state();
  }

  private static final class Reader {
    private final Consumer<String> notes;
    private final Map<ObjectName, String> found = new HashMap<>();
    private final Map<PodName, PodRecord> pods = new HashMap<>();
    private final Map<String, NodeAddressesRecord> nodes = new HashMap<>();
    private final List<ServiceRecord> services = new ArrayList<>();
    private final SequencedMap<ObjectName, ClusterObject.Fact> namespaces = new LinkedHashMap<>();
    private final SequencedMap<ObjectName, ClusterObject.Fact> others = new LinkedHashMap<>();
    private final SequencedMap<ObjectName, ClusterObject.Staged> staged = new LinkedHashMap<>();

    Reader(Consumer<String> notes) {
      this.notes = notes;
    }

    void read(String where, JsonNode node) throws MalformedInputException {
      if (!node.path("kind").asText("").equals("List")) {
        readOne(where, node);
        return;
      }
      InputNode items = new InputNode("items", node.path("items"));
      if (!items.isPresent() || !items.node().isArray()) {
        throw new MalformedInputException(where, "items: is no list");
      }
      for (InputNode item : items.items()) {
        read(where.isEmpty() ? item.path() : where + ": " + item.path(), item.node());
      }
    }

    private void readOne(String where, JsonNode node) throws MalformedInputException {
      String what = where;
      try {
        InputNode object = InputNode.of(node);
        String apiVersion = object.get("apiVersion").text();
        String kind = object.get("kind").text();
        if (apiVersion.equals(StoredForm.API_VERSION)) {
          apiVersion = CalicoKinds.API_VERSION;
          object = InputNode.of(StoredForm.used(kind, node));
        }
        ObjectName name = name(apiVersion, kind, object);
        what = where.isEmpty() ? name.toString() : where + ": " + name;
        if (ObjectKinds.isIgnored(kind)) {
          notes.accept(what + ": left out, policy does not depend on it");
          return;
        }
        String other = found.putIfAbsent(name, where);
        if (other != null) {
          throw new MalformedInputException(
              "is there already" + (other.isEmpty() ? "" : ", in " + other));
        }
        add(what, name, ObjectKinds.decode(apiVersion, kind, withNamespace(object, name)));
      } catch (MalformedInputException e) {
        throw new MalformedInputException(what, String.valueOf(e.getMessage()));
      }
    }

    private static ObjectName name(String apiVersion, String kind, InputNode object)
        throws MalformedInputException {
      InputNode metadata = object.get("metadata");
      String name = metadata.get("name").text();
      String namespace = metadata.get("namespace").optionalText().orElse("");
      int slash = apiVersion.indexOf('/');
      return new ObjectName(
          slash < 0 ? "" : apiVersion.substring(0, slash),
          kind,
          ObjectKinds.isClusterScoped(kind)
              ? ""
              : namespace.isEmpty() ? ObjectKinds.DEFAULT_NAMESPACE : namespace,
          name);
    }

    private static InputNode withNamespace(InputNode object, ObjectName name) {
      JsonNode metadata = object.node().path("metadata");
      if (name.namespace().equals(metadata.path("namespace").asText(""))) {
        return object;
      }
      ObjectNode copy = object.node().deepCopy();
      ((ObjectNode) copy.path("metadata")).put("namespace", name.namespace());
      return new InputNode(object.path(), copy);
    }

    private void add(String what, ObjectName name, ClusterObject object) {
      switch (object) {
        case ClusterObject.Pod(PodRecord pod) ->
            pods.put(new PodName(pod.namespace(), pod.name()), pod);
        case ClusterObject.Node(NodeAddressesRecord node) -> {
          nodes.put(node.name(), node);
          others.put(name, ObjectKinds.fact(node));
        }
        case ClusterObject.Service(ServiceRecord service) -> services.add(service);
        case ClusterObject.Fact fact -> {
          fact.problems().forEach(problem -> notes.accept(what + ": allows nothing by " + problem));
          (name.kind().equals("Namespace") ? namespaces : others).put(name, fact);
        }
        case ClusterObject.Staged policy -> {
          policy.problems().forEach(problem -> notes.accept(what + ": " + problem));
          staged.put(name, policy);
        }
        case ClusterObject.Bystander() -> {}
      }
    }

    /** Slices for the services that have none: manifests of applications never have. */
    private void addEndpoints() {
      Set<ServiceName> sliced = new HashSet<>();
      for (ClusterObject.Fact fact : others.values()) {
        if (fact.seen() instanceof ClusterChange.EndpointSliceSeen(EndpointSlice slice)) {
          sliced.add(slice.service());
        }
      }
      for (ServiceRecord service : services) {
        if (!sliced.contains(service.name())) {
          pods.values().stream()
              .flatMap(pod -> service.endpoints(pod).stream())
              .forEach(slice ->
                  others.put(
                      new ObjectName(
                          "discovery.k8s.io",
                          "EndpointSlice",
                          service.name().namespace(),
                          slice.name()),
                      ObjectKinds.fact(slice)));
        }
      }
    }

    ClusterState state() {
      addEndpoints();
      List<String> implied = new ArrayList<>();
      pods.keySet().forEach(pod -> implied.add(pod.namespace()));
      others.values().forEach(fact -> implied.add(fact.namespace()));
      staged.values().forEach(policy -> implied.add(policy.namespace()));
      implied.stream()
          .filter(name -> !name.isEmpty())
          .distinct()
          .sorted()
          .forEach(name ->
              namespaces.putIfAbsent(
                  ObjectName.namespace(name), ObjectKinds.namespace(name, Map.of())));
      SequencedMap<ObjectName, ClusterObject.Fact> facts = new LinkedHashMap<>(namespaces);
      facts.putAll(others);
      return new ClusterState(pods, nodes, facts, staged);
    }
  }
}
