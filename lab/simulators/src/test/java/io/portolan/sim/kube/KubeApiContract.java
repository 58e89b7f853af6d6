package io.portolan.sim.kube;

import static io.portolan.sim.kube.RawApi.APPLY;
import static io.portolan.sim.kube.RawApi.JSON_PATCH;
import static io.portolan.sim.kube.RawApi.MERGE;
import static io.portolan.sim.kube.RawApi.STRATEGIC;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.sim.kube.RawApi.Reply;
import io.portolan.sim.kube.RawApi.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What clients may rely on, whoever serves it: the same claims hold of the embedded server and of a
 * real one.
 */
abstract class KubeApiContract {
  private static final String WIDGET_CRD =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata: {name: widgets.contract.portolan.io}
      spec:
        group: contract.portolan.io
        scope: Cluster
        names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList, shortNames: [wd]}
        versions:
        - name: v1
          served: true
          storage: true
          subresources: {status: {}}
          schema:
            openAPIV3Schema:
              type: object
              required: [spec]
              properties:
                spec:
                  type: object
                  required: [size]
                  properties:
                    size: {type: integer, minimum: 1, maximum: 9}
                    colour: {type: string, enum: [RED, BLUE]}
                    code: {type: string, pattern: '^[a-z]+$', maxLength: 5}
                    mode: {type: string, default: fast}
                    labels: {type: object, additionalProperties: {type: string}}
                    plain: {type: array, items: {type: string}}
                    tags: {type: array, items: {type: string}, x-kubernetes-list-type: set}
                    parts:
                      type: array
                      x-kubernetes-list-type: map
                      x-kubernetes-list-map-keys: [name]
                      items:
                        type: object
                        required: [name]
                        properties:
                          name: {type: string}
                          weight: {type: integer}
                          note: {type: string}
                status:
                  type: object
                  properties:
                    phase: {type: string}
                    used: {type: integer}
                    conditions:
                      type: array
                      x-kubernetes-list-type: map
                      x-kubernetes-list-map-keys: [type]
                      items:
                        type: object
                        required: [type, status]
                        properties:
                          type: {type: string}
                          status: {type: string}
                          reason: {type: string}
      """;

  private static final String CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  private static final String WIDGETS = "/apis/contract.portolan.io/v1/widgets";

  private RawApi api;
  private String namespace;
  private String configMaps;
  private String pods;

  abstract RawApi connect();

  @BeforeEach
  final void prepare() {
    api = connect();
    namespace = "contract-" + Long.toString(System.nanoTime(), 36);
    configMaps = "/api/v1/namespaces/" + namespace + "/configmaps";
    pods = "/api/v1/namespaces/" + namespace + "/pods";
    assertThat(api.post("/api/v1/namespaces", "{metadata: {name: " + namespace + "}}").outcome())
        .isEqualTo("201");
    if (api.get(CRDS + "/widgets.contract.portolan.io").code() == 404) {
      assertThat(api.post(CRDS, WIDGET_CRD).outcome()).isEqualTo("201");
    }
    await(() -> api.get(WIDGETS).code() == 200);
    api.delete(WIDGETS);
    await(() -> api.get(WIDGETS).at("/items").isEmpty());
    // A new namespace of a real server is not complete until its controllers have been there.
    await(this::namespaceIsComplete);
  }

  boolean namespaceIsComplete() {
    return true;
  }

  final RawApi api() {
    return api;
  }

  final String namespace() {
    return namespace;
  }

  @AfterEach
  final void cleanUp() {
    api.delete("/api/v1/namespaces/" + namespace);
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private Reply applyWidget(String name, String manager, boolean force, String yaml) {
    return api.patch(
        WIDGETS + "/" + name + "?fieldManager=" + manager + (force ? "&force=true" : ""),
        APPLY,
        widget(name, yaml));
  }

  private Reply applyWidgetStatus(String name, String manager, String yaml) {
    return api.patch(
        WIDGETS + "/" + name + "/status?fieldManager=" + manager, APPLY, widget(name, yaml));
  }

  private static String widget(String name, String yaml) {
    return "{apiVersion: contract.portolan.io/v1, kind: Widget, metadata: {name: "
        + name
        + "}, "
        + yaml
        + "}";
  }

  /** Owners in order of appearance: {@code manager operation subresource fields}. */
  private static String owners(Reply reply) {
    List<String> lines = new ArrayList<>();
    for (JsonNode entry : reply.at("/metadata/managedFields")) {
      String subresource = entry.path("subresource").asText();
      lines.add(
          entry.path("manager").asText()
              + " "
              + entry.path("operation").asText()
              + (subresource.isEmpty() ? "" : " " + subresource)
              + " "
              + entry.path("fieldsV1"));
    }
    lines.sort(null);
    return String.join("\n", lines);
  }

  @Test
  void creationFillsInIdentityAndRefusesASecondOne() {
    Reply created = api.post(configMaps, "{metadata: {name: a}, data: {k: v}}");
    assertThat(created.outcome()).isEqualTo("201");
    assertThat(created.text("/kind")).isEqualTo("ConfigMap");
    assertThat(created.text("/metadata/namespace")).isEqualTo(namespace);
    assertThat(created.text("/metadata/uid")).matches("[0-9a-f-]{36}");
    assertThat(created.text("/metadata/creationTimestamp")).endsWith("Z");
    Reply again = api.post(configMaps, "{metadata: {name: a}}");
    assertThat(again.outcome()).isEqualTo("409 AlreadyExists");
    assertThat(again.text("/message")).isEqualTo("configmaps \"a\" already exists");
    assertThat(again.text("/details")).isEqualTo("{\"name\":\"a\",\"kind\":\"configmaps\"}");
  }

  @Test
  void namesAreGeneratedFromAPrefix() {
    Reply created = api.post(configMaps, "{metadata: {generateName: pre-}}");
    assertThat(created.text("/metadata/name")).matches("pre-[a-z0-9]{5}");
  }

  @Test
  void refusalsNameTheirReason() {
    assertThat(api.get(configMaps + "/none").text("/message"))
        .isEqualTo("configmaps \"none\" not found");
    assertThat(api.get("/apis/nothing.io/v1/things").outcome()).startsWith("404");
    assertThat(
            api.post("/api/v1/namespaces/absent/configmaps", "{metadata: {name: a}}")
                .text("/message"))
        .isEqualTo("namespaces \"absent\" not found");
    assertThat(api.post(configMaps, "{metadata: {name: a, namespace: other}}").outcome())
        .isEqualTo("400 BadRequest");
    assertThat(api.post(configMaps, "{metadata: {name: UPPER}}").outcome())
        .isEqualTo("422 Invalid");
    assertThat(api.post(configMaps, "{metadata: {name: a, resourceVersion: '1'}}").outcome())
        .isEqualTo("500 ");
  }

  @Test
  void anUpdateOfAnOldVersionConflicts() {
    Reply first = api.post(configMaps, "{metadata: {name: a}, data: {k: v}}");
    ObjectNode body = first.body().deepCopy();
    body.putObject("data").put("k", "w");
    Reply second = api.put(configMaps + "/a", body);
    assertThat(second.outcome()).isEqualTo("200");
    assertThat(second.text("/metadata/resourceVersion"))
        .isNotEqualTo(first.text("/metadata/resourceVersion"));
    Reply stale = api.put(configMaps + "/a", body);
    assertThat(stale.outcome()).isEqualTo("409 Conflict");
    assertThat(stale.text("/message"))
        .isEqualTo(
            "Operation cannot be fulfilled on configmaps \"a\": the object has been modified;"
                + " please apply your changes to the latest version and try again");
  }

  @Test
  void anUpdateThatChangesNothingKeepsTheVersion() {
    Reply first = api.post(configMaps, "{metadata: {name: a}, data: {k: v}}");
    Reply same = api.put(configMaps + "/a", first.body());
    assertThat(same.text("/metadata/resourceVersion"))
        .isEqualTo(first.text("/metadata/resourceVersion"));
    Reply merged = api.patch(configMaps + "/a", MERGE, "{data: {k: v}}");
    assertThat(merged.text("/metadata/resourceVersion"))
        .isEqualTo(first.text("/metadata/resourceVersion"));
  }

  @Test
  void aCustomResourceIsOnlyUpdatedWithItsVersion() {
    api.post(WIDGETS, widget("a", "spec: {size: 1}"));
    Reply blind = api.put(WIDGETS + "/a", widget("a", "spec: {size: 2}"));
    assertThat(blind.outcome()).isEqualTo("422 Invalid");
    assertThat(blind.text("/message"))
        .contains("metadata.resourceVersion", "must be specified for an update");
  }

  @Test
  void aLeaseIsCreatedByPut() {
    String lease = "/apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases/l";
    assertThat(api.put(lease, "{metadata: {name: l}, spec: {holderIdentity: a}}").code())
        .isIn(200, 201);
    assertThat(api.get(lease).text("/spec/holderIdentity")).isEqualTo("a");
  }

  @Test
  void schemaViolationsAreAllReported() {
    Reply refused =
        api.post(WIDGETS, widget("a", "spec: {size: 10, colour: GREEN, code: toolong1, plain: x}"));
    assertThat(refused.outcome()).isEqualTo("422 Invalid");
    List<String> fields = new ArrayList<>();
    refused.at("/details/causes").forEach(c -> fields.add(c.path("field").asText()));
    assertThat(fields).contains("spec.size", "spec.colour", "spec.code", "spec.plain");
    assertThat(refused.text("/message"))
        .contains(
            "Widget.contract.portolan.io \"a\" is invalid",
            "spec.size in body should be less than or equal to 9",
            "spec.colour: Unsupported value: \"GREEN\": supported values: \"RED\", \"BLUE\"",
            "spec.plain in body must be of type array");
    assertThat(api.post(WIDGETS, widget("b", "spec: {}")).text("/message"))
        .isEqualTo("Widget.contract.portolan.io \"b\" is invalid: spec.size: Required value");
  }

  @Test
  void defaultsAreFilledInAndUnknownFieldsPruned() {
    Reply created = api.post(WIDGETS, widget("a", "spec: {size: 1, unknown: x}"));
    assertThat(created.text("/spec")).isEqualTo("{\"mode\":\"fast\",\"size\":1}");
  }

  @Test
  void statusAndSpecificationAreWrittenApart() {
    Reply created = api.post(WIDGETS, widget("a", "spec: {size: 1}, status: {phase: X}"));
    assertThat(created.at("/status").isMissingNode()).isTrue();
    assertThat(created.text("/metadata/generation")).isEqualTo("1");
    Reply status =
        api.patch(
            WIDGETS + "/a/status",
            MERGE,
            "{spec: {size: 5}, status: {phase: Up}, metadata: {labels: {l: x}}}");
    assertThat(status.text("/spec/size")).isEqualTo("1");
    assertThat(status.text("/status/phase")).isEqualTo("Up");
    assertThat(status.at("/metadata/labels").isMissingNode()).isTrue();
    assertThat(status.text("/metadata/generation")).isEqualTo("1");
    Reply spec = api.patch(WIDGETS + "/a", MERGE, "{spec: {size: 5}, status: {phase: Down}}");
    assertThat(spec.text("/status/phase")).isEqualTo("Up");
    assertThat(spec.text("/metadata/generation")).isEqualTo("2");
    Reply label = api.patch(WIDGETS + "/a", MERGE, "{metadata: {labels: {l: x}}}");
    assertThat(label.text("/metadata/generation")).isEqualTo("2");
  }

  @Test
  void mergePatchRemovesByNullAndReplacesLists() {
    api.post(configMaps, "{metadata: {name: a, labels: {x: '1', y: '2'}}, data: {k: v, l: w}}");
    Reply patched =
        api.patch(configMaps + "/a", MERGE, "{metadata: {labels: {x: null}}, data: {k: z}}");
    assertThat(patched.text("/metadata/labels")).isEqualTo("{\"y\":\"2\"}");
    assertThat(patched.text("/data")).isEqualTo("{\"k\":\"z\",\"l\":\"w\"}");
    Reply stale =
        api.patch(configMaps + "/a", MERGE, "{metadata: {resourceVersion: '1'}, data: {k: q}}");
    assertThat(stale.outcome()).isEqualTo("409 Conflict");
  }

  @Test
  void jsonPatchTestsBeforeItWrites() {
    api.post(configMaps, "{metadata: {name: a}, data: {k: v}}");
    Reply done =
        api.patch(
            configMaps + "/a",
            JSON_PATCH,
            "[{op: test, path: /data/k, value: v}, {op: replace, path: /data/k, value: w}, {op:"
                + " add, path: /data/n, value: x}]");
    assertThat(done.text("/data")).isEqualTo("{\"k\":\"w\",\"n\":\"x\"}");
    Reply refused =
        api.patch(
            configMaps + "/a",
            JSON_PATCH,
            "[{op: replace, path: /data/n, value: y}, {op: test, path: /data/k, value: v}]");
    assertThat(refused.outcome()).isEqualTo("422 Invalid");
    assertThat(api.get(configMaps + "/a").text("/data")).isEqualTo("{\"k\":\"w\",\"n\":\"x\"}");
  }

  @Test
  void strategicMergeKnowsListKeys() {
    api.post(pods, pod("a", "node-x"));
    Reply labelled =
        api.patch(
            pods + "/a/status",
            STRATEGIC,
            "{status: {phase: Running, podIPs: [{ip: 10.0.0.5}], podIP: 10.0.0.5, conditions:"
                + " [{type: Ready, status: 'True'}]}}");
    assertThat(labelled.outcome()).isEqualTo("200");
    Reply second =
        api.patch(
            pods + "/a/status",
            STRATEGIC,
            "{status: {conditions: [{type: Ready, status: 'False'}, {type: Extra, status:"
                + " 'True'}]}}");
    List<String> conditions = new ArrayList<>();
    second
        .at("/status/conditions")
        .forEach(c -> conditions.add(c.path("type").asText() + "=" + c.path("status").asText()));
    assertThat(conditions).contains("Ready=False", "Extra=True");
    Reply removed =
        api.patch(
            pods + "/a/status",
            STRATEGIC,
            "{status: {conditions: [{$patch: delete, type: Extra}]}}");
    assertThat(removed.text("/status/conditions")).doesNotContain("Extra").contains("Ready");
    assertThat(removed.text("/status/phase")).isEqualTo("Running");
    api.post(WIDGETS, widget("a", "spec: {size: 1}"));
    assertThat(api.patch(WIDGETS + "/a", STRATEGIC, "{spec: {size: 2}}").code()).isEqualTo(415);
  }

  private static String pod(String name, String node) {
    String nodeName = node.isEmpty() ? "" : ", nodeName: " + node;
    return "{metadata: {name: "
        + name
        + ", labels: {app: "
        + name
        + "}}, spec: {automountServiceAccountToken: false, containers: [{name: c, image: i, ports:"
        + " [{containerPort: 80}]}]"
        + nodeName
        + "}}";
  }

  @Test
  void defaultsThatNetworksReadAreFilledIn() {
    Reply pod = api.post(pods, pod("a", ""));
    assertThat(pod.text("/spec/containers/0/ports/0/protocol")).isEqualTo("TCP");
    assertThat(pod.text("/status/phase")).isEqualTo("Pending");
    String policies = "/apis/networking.k8s.io/v1/namespaces/" + namespace + "/networkpolicies";
    Reply policy =
        api.post(
            policies,
            "{metadata: {name: p}, spec: {podSelector: {}, egress: [{ports: [{port: 53}]}]}}");
    assertThat(policy.text("/spec/policyTypes")).isEqualTo("[\"Ingress\",\"Egress\"]");
    assertThat(policy.text("/spec/egress/0/ports/0/protocol")).isEqualTo("TCP");
    assertThat(policy.text("/metadata/generation")).isEqualTo("1");
    assertThat(api.get("/api/v1/namespaces/" + namespace).text("/metadata/labels"))
        .isEqualTo("{\"kubernetes.io/metadata.name\":\"" + namespace + "\"}");
  }

  @Test
  void anApplierOwnsWhatItDeclares() {
    Reply created =
        applyWidget("a", "one", false, "spec: {size: 1, parts: [{name: x, weight: 3}], tags: [t]}");
    assertThat(created.outcome()).isEqualTo("201");
    assertThat(owners(created))
        .isEqualTo(
            "one Apply"
                + " {\"f:spec\":{\"f:parts\":{\"k:{\\\"name\\\":\\\"x\\\"}\":{\".\":{},\"f:name\":{},\"f:weight\":{}}},\"f:size\":{},\"f:tags\":{\"v:\\\"t\\\"\":{}}}}");
    Reply again =
        applyWidget("a", "one", false, "spec: {size: 1, parts: [{name: x, weight: 3}], tags: [t]}");
    assertThat(again.outcome()).isEqualTo("200");
    assertThat(again.text("/metadata/resourceVersion"))
        .isEqualTo(created.text("/metadata/resourceVersion"));
  }

  @Test
  void twoAppliersShareAListAndEachRemovesItsOwn() {
    applyWidget("a", "one", false, "spec: {size: 1, parts: [{name: x, weight: 3}], tags: [s, t]}");
    applyWidget(
        "a",
        "two",
        false,
        "spec: {parts: [{name: x, note: hi}, {name: why, weight: 4}], tags: [t, u]}");
    assertThat(api.get(WIDGETS + "/a").text("/spec/parts"))
        .isEqualTo(
            "[{\"name\":\"x\",\"note\":\"hi\",\"weight\":3},{\"name\":\"why\",\"weight\":4}]");
    Reply left = applyWidget("a", "one", false, "spec: {size: 1}");
    assertThat(left.text("/spec/parts"))
        .isEqualTo("[{\"name\":\"x\",\"note\":\"hi\"},{\"name\":\"why\",\"weight\":4}]");
    assertThat(left.text("/spec/tags")).isEqualTo("[\"t\",\"u\"]");
    Reply empty = applyWidget("a", "two", false, "spec: {}");
    assertThat(empty.text("/spec")).isEqualTo("{\"mode\":\"fast\",\"size\":1}");
  }

  @Test
  void aFieldOfAnotherManagerIsAConflictUnlessForced() {
    applyWidget("a", "one", false, "spec: {size: 1, code: abc}");
    Reply refused = applyWidget("a", "two", false, "spec: {size: 2, code: xyz}");
    assertThat(refused.outcome()).isEqualTo("409 Conflict");
    assertThat(refused.text("/message"))
        .isEqualTo(
            "Apply failed with 2 conflicts: conflicts with \"one\":\n- .spec.code\n- .spec.size");
    assertThat(refused.text("/details/causes"))
        .isEqualTo(
            "[{\"reason\":\"FieldManagerConflict\",\"message\":\"conflict with"
                + " \\\"one\\\"\",\"field\":\".spec.code\"},{\"reason\":\"FieldManagerConflict\",\"message\":\"conflict"
                + " with \\\"one\\\"\",\"field\":\".spec.size\"}]");
    assertThat(applyWidget("a", "two", false, "spec: {size: 1}").outcome()).isEqualTo("200");
    Reply forced = applyWidget("a", "two", true, "spec: {size: 2}");
    assertThat(forced.text("/spec/size")).isEqualTo("2");
    assertThat(owners(forced))
        .isEqualTo(
            "one Apply {\"f:spec\":{\"f:code\":{}}}\ntwo Apply {\"f:spec\":{\"f:size\":{}}}");
  }

  @Test
  void controllerAndAgentApplyTheirPartsOfTheStatus() {
    applyWidget("a", "controller", false, "spec: {size: 1}");
    applyWidgetStatus(
        "a", "controller", "status: {phase: Up, conditions: [{type: Ready, status: 'True'}]}");
    Reply both =
        applyWidgetStatus(
            "a",
            "agent",
            "spec: {size: 7}, status: {used: 3, conditions: [{type: Used, status: 'True'}]}");
    assertThat(both.text("/spec/size")).isEqualTo("1");
    assertThat(both.text("/status"))
        .isEqualTo(
            "{\"conditions\":[{\"status\":\"True\",\"type\":\"Ready\"},{\"status\":\"True\",\"type\":\"Used\"}],\"phase\":\"Up\",\"used\":3}");
    Reply without = applyWidgetStatus("a", "controller", "status: {phase: Down}");
    assertThat(without.text("/status"))
        .isEqualTo(
            "{\"conditions\":[{\"status\":\"True\",\"type\":\"Used\"}],\"phase\":\"Down\",\"used\":3}");
    assertThat(owners(without))
        .isEqualTo(
            """
            agent Apply status {"f:status":{"f:conditions":{"k:{\\"type\\":\\"Used\\"}":{".":{},"f:status":{},"f:type":{}}},"f:used":{}}}
            controller Apply status {"f:status":{"f:phase":{}}}
            controller Apply {"f:spec":{"f:size":{}}}\
            """);
  }

  @Test
  void plainWritersTakeOwnershipByWriting() {
    applyWidget("a", "one", false, "spec: {size: 1, code: abc}");
    Reply patched = api.patch(WIDGETS + "/a?fieldManager=editor", MERGE, "{spec: {size: 2}}");
    assertThat(owners(patched))
        .isEqualTo(
            "editor Update {\"f:spec\":{\"f:size\":{}}}\none Apply {\"f:spec\":{\"f:code\":{}}}");
    assertThat(applyWidget("a", "one", false, "spec: {size: 1, code: abc}").text("/message"))
        .startsWith(
            "Apply failed with 1 conflict: conflict with \"editor\" using contract.portolan.io/v1")
        .endsWith(": .spec.size");
  }

  @Test
  void anApplyNeedsAManagerAndDeclaredFields() {
    assertThat(api.patch(WIDGETS + "/a", APPLY, widget("a", "spec: {size: 1}")).code())
        .isIn(400, 422);
    Reply unknown = applyWidget("a", "one", false, "spec: {size: 1, unknown: x}");
    assertThat(unknown.code()).isEqualTo(500);
    assertThat(unknown.text("/message")).contains(".spec.unknown: field not declared in schema");
  }

  @Test
  void deletionHonoursPreconditionsAndFinalizers() {
    Reply created = api.post(configMaps, "{metadata: {name: a, finalizers: [portolan.io/hold]}}");
    Reply refused =
        api.call(
            "DELETE",
            configMaps + "/a",
            "application/json",
            "{\"preconditions\":{\"uid\":\"other\"}}");
    assertThat(refused.outcome()).isEqualTo("409 Conflict");
    assertThat(api.delete(configMaps + "/a").outcome()).isEqualTo("200");
    Reply held = api.get(configMaps + "/a");
    assertThat(held.text("/metadata/deletionTimestamp")).isNotEmpty();
    assertThat(held.text("/metadata/uid")).isEqualTo(created.text("/metadata/uid"));
    api.patch(configMaps + "/a", MERGE, "{metadata: {finalizers: null}}");
    assertThat(api.get(configMaps + "/a").outcome()).isEqualTo("404 NotFound");
  }

  @Test
  void aRunningPodIsLeftToItsNode() {
    api.post(pods, pod("a", "node-x"));
    api.post(pods, pod("b", ""));
    assertThat(api.delete(pods + "/b").code()).isEqualTo(200);
    assertThat(api.get(pods + "/b").code()).isEqualTo(404);
    assertThat(api.delete(pods + "/a").code()).isEqualTo(200);
    Reply terminating = api.get(pods + "/a");
    assertThat(terminating.text("/metadata/deletionGracePeriodSeconds")).isEqualTo("30");
    assertThat(api.delete(pods + "/a?gracePeriodSeconds=0").code()).isEqualTo(200);
    assertThat(api.get(pods + "/a").code()).isEqualTo(404);
  }

  @Test
  void listsArePagedAtOneVersion() {
    for (String name : List.of("a", "b", "c", "d", "e")) {
      api.post(configMaps, "{metadata: {name: x-" + name + ", labels: {in: 'y'}}}");
    }
    Reply first = api.get(configMaps + "?limit=2&labelSelector=in%3Dy");
    assertThat(first.at("/items")).hasSize(2);
    assertThat(first.at("/items/0/kind").isMissingNode()).isTrue();
    api.post(configMaps, "{metadata: {name: x-bb, labels: {in: 'y'}}}");
    String token = first.text("/metadata/continue");
    Reply second =
        api.get(
            configMaps
                + "?limit=4&labelSelector=in%3Dy&continue="
                + java.net.URLEncoder.encode(token, java.nio.charset.StandardCharsets.UTF_8));
    List<String> names = new ArrayList<>();
    second.at("/items").forEach(i -> names.add(i.at("/metadata/name").asText()));
    assertThat(names).containsExactly("x-c", "x-d", "x-e");
    assertThat(second.text("/metadata/resourceVersion"))
        .isEqualTo(first.text("/metadata/resourceVersion"));
    assertThat(second.text("/metadata/continue")).isEmpty();
  }

  @Test
  void selectorsSelect() {
    api.post(pods, pod("a", "node-x"));
    api.post(pods, pod("b", "node-y"));
    api.post(pods, pod("c", ""));
    assertThat(names("?fieldSelector=spec.nodeName%3Dnode-x")).containsExactly("a");
    assertThat(names("?fieldSelector=metadata.name%21%3Da")).containsExactly("b", "c");
    assertThat(names("?labelSelector=app+in+(a,c)")).containsExactly("a", "c");
    assertThat(names("?labelSelector=app+notin+(a,c)")).containsExactly("b");
    assertThat(names("?labelSelector=app,app%21%3Db")).containsExactly("a", "c");
    assertThat(names("?labelSelector=%21app")).isEmpty();
    assertThat(names("?labelSelector=zone%21%3Dx")).containsExactly("a", "b", "c");
    assertThat(api.get(pods + "?fieldSelector=spec.nothing%3Dx").outcome())
        .isEqualTo("400 BadRequest");
  }

  private List<String> names(String query) {
    List<String> names = new ArrayList<>();
    api.get(pods + query).at("/items").forEach(i -> names.add(i.at("/metadata/name").asText()));
    return names;
  }

  @Test
  void aWatchFollowsFromItsVersion() throws Exception {
    Reply first = api.post(configMaps, "{metadata: {name: a}}");
    api.post(configMaps, "{metadata: {name: b}}");
    String from = first.text("/metadata/resourceVersion");
    try (Watch watch = api.watch(configMaps + "?watch=true&resourceVersion=" + from)) {
      assertThat(watch.next(1)).containsExactly("ADDED b");
      api.patch(configMaps + "/a", MERGE, "{data: {k: v}}");
      api.delete(configMaps + "/b");
      assertThat(watch.next(2)).containsExactly("MODIFIED a", "DELETED b");
    }
    try (Watch watch =
        api.watch(configMaps + "?watch=true&fieldSelector=metadata.name%3Da&timeoutSeconds=1")) {
      assertThat(watch.next(2)).containsExactly("ADDED a", "END ");
    }
  }

  @Test
  void aWatchShowsObjectsEnterAndLeaveItsSelection() throws Exception {
    String version =
        api.post(configMaps, "{metadata: {name: a}}").text("/metadata/resourceVersion");
    try (Watch watch =
        api.watch(configMaps + "?watch=true&labelSelector=in%3Dy&resourceVersion=" + version)) {
      api.patch(configMaps + "/a", MERGE, "{metadata: {labels: {in: 'y'}}}");
      api.patch(configMaps + "/a", MERGE, "{data: {k: v}}");
      Reply left = api.patch(configMaps + "/a", MERGE, "{metadata: {labels: {in: 'n'}}}");
      assertThat(watch.next(2)).containsExactly("ADDED a", "MODIFIED a");
      JsonNode gone = watch.next();
      assertThat(gone.path("type").asText()).isEqualTo("DELETED");
      assertThat(gone.at("/object/metadata/labels/in").asText()).isEqualTo("y");
      assertThat(gone.at("/object/metadata/resourceVersion").asText())
          .isEqualTo(left.text("/metadata/resourceVersion"));
    }
  }

  @Test
  void aWatchCanBringItsInitialState() throws Exception {
    api.post(configMaps, "{metadata: {name: a}}");
    try (Watch watch =
        api.watch(
            configMaps
                + "?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&fieldSelector=metadata.name%3Da")) {
      assertThat(watch.next().path("type").asText()).isEqualTo("ADDED");
      JsonNode bookmark = watch.next();
      assertThat(bookmark.path("type").asText()).isEqualTo("BOOKMARK");
      assertThat(bookmark.at("/object/metadata/annotations").toString())
          .isEqualTo("{\"k8s.io/initial-events-end\":\"true\"}");
      assertThat(bookmark.at("/object/metadata/resourceVersion").asText()).isNotEmpty();
    }
  }

  @Test
  void dryRunChangesNothing() {
    assertThat(api.post(configMaps + "?dryRun=All", "{metadata: {name: a}}").outcome())
        .isEqualTo("201");
    assertThat(api.get(configMaps + "/a").code()).isEqualTo(404);
  }

  @Test
  void aDeletedNamespaceTakesItsContentsAlong() {
    api.post(configMaps, "{metadata: {name: a}}");
    api.delete("/api/v1/namespaces/" + namespace);
    await(() -> api.get("/api/v1/namespaces/" + namespace).code() == 404);
    assertThat(api.get(configMaps + "/a").code()).isEqualTo(404);
  }

  @Test
  void discoveryNamesCustomResources() {
    Reply resources = api.get("/apis/contract.portolan.io/v1");
    List<String> names = new ArrayList<>();
    resources.at("/resources").forEach(r -> names.add(r.path("name").asText()));
    assertThat(names).contains("widgets", "widgets/status");
    assertThat(api.get("/apis").at("/groups").toString()).contains("contract.portolan.io/v1");
    assertThat(api.get("/version").text("/major")).isEqualTo("1");
    assertThat(api.get(CRDS + "/widgets.contract.portolan.io").at("/status/conditions").toString())
        .contains("Established");
  }
}
