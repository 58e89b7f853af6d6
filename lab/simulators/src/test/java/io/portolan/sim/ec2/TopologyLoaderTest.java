package io.portolan.sim.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.sim.config.ConfigException;
import io.portolan.sim.ec2.model.Instance;
import io.portolan.sim.time.VirtualTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopologyLoaderTest {
  private static Ec2World load(String text) {
    Ec2World world = new Ec2World(Ec2World.Options.DEFAULT, VirtualTime.create());
    TopologyLoader.load("topology.yaml", text, world);
    return world;
  }

  @Test
  void buildsEverythingTheFileNames() {
    VpcView view =
        load("""
        vpcs:
          - name: main
            cidr: 10.0.0.0/16
            secondaryCidrs: [100.64.0.0/16]
            ipv6: true
            tags: {team: network}
            securityGroups:
              - {name: nodes, description: the cluster's nodes}
            subnets:
              - name: a
                cidr: 10.0.0.0/20
                zone: us-east-1b
                ipv6Index: 3
                tags: {kubernetes.io/role/cni: "1"}
                reservations:
                  - {cidr: 10.0.1.0/24, type: prefix}
                instances:
                  - {name: node, type: m5.large, count: 2, securityGroups: [nodes]}
                  - {name: fixed, type: t3.nano, privateIp: 10.0.0.99}
        """)
            .view();
    assertThat(view.vpcs()).singleElement().matches(vpc -> vpc.blocks().size() == 3);
    assertThat(view.tags(view.vpcs().getFirst().id()))
        .containsEntry("Name", "main")
        .containsEntry("team", "network");
    assertThat(view.subnets())
        .singleElement()
        .matches(subnet -> subnet.zone().equals("us-east-1b"))
        .matches(subnet -> subnet.ipv6().orElseThrow().block().toString().endsWith("03::/64"));
    assertThat(view.state().reservations()).hasSize(1);
    assertThat(view.instances())
        .extracting(Instance::type)
        .containsExactlyInAnyOrder("m5.large", "m5.large", "t3.nano");
    assertThat(view.interfaces())
        .extracting(i -> i.primaryAddress().toString())
        .containsExactlyInAnyOrder("10.0.0.4", "10.0.0.5", "10.0.0.99");
  }

  @Test
  void jsonIsAsGoodAsYaml() {
    assertThat(
            load("{\"vpcs\": [{\"cidr\": \"10.0.0.0/16\", \"subnets\": [{\"cidr\":"
                    + " \"10.0.0.0/24\"}]}]}")
                .view()
                .subnets())
        .hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          '{}'                                | topology.yaml.vpcs: is missing or empty; list at least one VPC
          '[1]'                               | topology.yaml: should be an object with named fields
          'vpcs: [{cidr: 10.0.0.0/16, nmae: x}]' | topology.yaml.vpcs[0].nmae: is not a field; here are known: name, cidr, secondaryCidrs, ipv6, tags, securityGroups, subnets
          'vpcs: [{name: x}]'                 | topology.yaml.vpcs[0].cidr: is missing
          'vpcs: [{cidr: 10.0.0.1/16}]'       | topology.yaml.vpcs[0].cidr: 10.0.0.1/16 has host bits set; write 10.0.0.0/16
          'vpcs: [{cidr: 10.0.0.0/8}]'        | topology.yaml.vpcs[0].cidr: CreateVpc is refused: InvalidVpc.Range: The CIDR '10.0.0.0/8' is invalid.
          'vpcs: [{cidr: 10.0.0.0/16, subnets: [{cidr: 10.0.0.0/24, ipv6Index: 0}]}]' | topology.yaml.vpcs[0].subnets[0].ipv6Index: needs a VPC with ipv6: true
          'vpcs: [{cidr: 10.0.0.0/16, subnets: [{cidr: 10.0.0.0/24, instances: [{type: m5.huge}]}]}]' | topology.yaml.vpcs[0].subnets[0].instances[0].type: RunInstances is refused: InvalidParameterValue: Invalid value 'm5.huge' for InstanceType.
          'vpcs: [{cidr: 10.0.0.0/16, subnets: [{cidr: 10.0.0.0/24, instances: [{type: m5.large, securityGroups: [x]}]}]}]' | topology.yaml.vpcs[0].subnets[0].instances[0].securityGroups: 'x' is not among the VPC's securityGroups
          """)
  void namesTheFieldThatIsWrong(String text, String complaint) {
    assertThatThrownBy(() -> load(text)).isInstanceOf(ConfigException.class).hasMessage(complaint);
  }
}
