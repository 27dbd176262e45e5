import { type Rows, text } from "../row";

/** Logs, metrics, events, messages, and what scales by them. */
export const logging: Rows = {
  "aws:cloudwatch/logGroup:LogGroup": {
    name: "name",
    replacing: ["logGroupClass", "name", "namePrefix"],
    defaults: () => ({ logGroupClass: "STANDARD", retentionInDays: 0, skipDestroy: false }),
    computed: ({ arn, name }) => ({ arn: arn("logs", `log-group:${name}`) }),
  },
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": {
    name: "alarmName",
    replacing: ["alarmName"],
    computed: ({ arn, name }) => ({ arn: arn("cloudwatch", `alarm:${name}`) }),
  },
  "aws:cloudwatch/dashboard:Dashboard": {
    name: "dashboardName",
    replacing: ["dashboardName"],
    computed: ({ globalArn, name }) => ({ dashboardArn: globalArn("cloudwatch", `dashboard/${name}`) }),
  },
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": { name: "name", replacing: ["logGroupName", "name"] },
  "aws:cloudwatch/eventRule:EventRule": {
    name: "name",
    replacing: ["eventBusName", "name", "namePrefix"],
    defaults: () => ({ eventBusName: "default", state: "ENABLED" }),
    computed: ({ arn, name }) => ({ arn: arn("events", `rule/${name}`) }),
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    name: "targetId",
    replacing: ["eventBusName", "rule", "targetId"],
    id: ({ inputs, name }) => `${text(inputs["rule"])}-${name}`,
    defaults: () => ({ eventBusName: "default" }),
  },
  "aws:sns/topic:Topic": {
    name: "name",
    replacing: ["fifoTopic", "name", "namePrefix"],
    id: ({ arn, name }) => arn("sns", name),
    defaults: () => ({ policy: "" }),
    computed: ({ arn, name, account }) => ({ arn: arn("sns", name), beginningArchiveTime: "", owner: account }),
  },
  "aws:sns/topicPolicy:TopicPolicy": {
    replacing: ["arn"],
    id: ({ inputs }) => text(inputs["arn"]),
    computed: ({ account }) => ({ owner: account }),
  },
  "aws:appautoscaling/target:Target": {
    replacing: ["resourceId", "scalableDimension", "serviceNamespace"],
    id: ({ inputs }) => text(inputs["resourceId"]),
    defaults: ({ globalArn }) => ({
      roleArn: globalArn(
        "iam",
        "role/aws-service-role/rds.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_RDSCluster",
      ),
    }),
    computed: ({ arn, hex }) => ({ arn: arn("application-autoscaling", `scalable-target/${hex(30)}`) }),
  },
  "aws:appautoscaling/policy:Policy": {
    name: "name",
    replacing: ["name", "resourceId", "scalableDimension", "serviceNamespace"],
    defaults: () => ({ policyType: "StepScaling" }),
    computed: ({ arn, inputs, name, uuid }) => ({
      alarmArns: [],
      arn: arn("autoscaling", `scalingPolicy:${uuid}:resource/rds/${text(inputs["resourceId"])}:policyName/${name}`),
    }),
  },
};
