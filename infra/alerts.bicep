// Alerts on what a person can fix, and on nothing else: users revoke and providers hiccup all day. Each query finds a row only when there is
// something to do; docs/operate.md has the same query, what it means and the command.
param token string
param location string
param tags object
param workspaceName string
param emailAddress string
param runbookUrl string

var alerts = [
  {
    name: 'client-refused'
    title: 'A provider refuses the OAuth client'
    runbook: 'a-provider-refuses-the-oauth-client'
    urgent: true
    dimension: 'provider'
    query: loadTextContent('alerts/client-refused.kql')
  }
  {
    name: 'provider-brake'
    title: 'A provider refuses so many refresh tokens that none is believed'
    runbook: 'a-provider-had-a-bad-hour'
    urgent: false
    dimension: 'provider'
    query: loadTextContent('alerts/provider-brake.kql')
  }
  {
    name: 'refresh-overdue'
    title: 'Refreshes come more than 15 minutes late'
    runbook: 'refreshes-come-late'
    urgent: true
    dimension: ''
    query: loadTextContent('alerts/refresh-overdue.kql')
  }
  {
    name: 'poison-messages'
    title: 'Messages were given up'
    runbook: 'messages-were-given-up'
    urgent: false
    dimension: ''
    query: loadTextContent('alerts/poison-messages.kql')
  }
  {
    name: 'key-failures'
    title: 'Key Vault does not answer, or refuses'
    runbook: 'key-vault-does-not-answer-or-refuses'
    urgent: true
    dimension: 'vault'
    query: loadTextContent('alerts/key-failures.kql')
  }
  {
    name: 'audit-failures'
    title: 'The record takes no entries, so calls are refused'
    runbook: 'the-record-takes-no-entries'
    urgent: true
    dimension: ''
    query: loadTextContent('alerts/audit-failures.kql')
  }
  {
    name: 'audit-lag'
    title: 'Entries of the record wait for more than two minutes'
    runbook: 'the-record-takes-no-entries'
    urgent: false
    dimension: ''
    query: loadTextContent('alerts/audit-lag.kql')
  }
  {
    name: 'altered-rows'
    title: 'Something stored is not as the vault wrote it'
    runbook: 'something-stored-was-altered'
    urgent: true
    dimension: ''
    query: loadTextContent('alerts/altered-rows.kql')
  }
  {
    name: 'worker-crashes'
    title: 'Worker processes crash'
    runbook: 'workers-crash'
    urgent: false
    dimension: ''
    query: loadTextContent('alerts/worker-crashes.kql')
  }
  {
    name: 'log-cap'
    title: 'Logs stopped at the daily cap, and with them these alerts'
    runbook: 'logs-stopped-at-the-daily-cap'
    urgent: false
    dimension: ''
    query: loadTextContent('alerts/log-cap.kql')
  }
  {
    name: 'silence'
    title: 'Nothing was heard of the vault for half an hour'
    runbook: 'nothing-is-heard-of-the-vault'
    urgent: false
    dimension: ''
    query: loadTextContent('alerts/silence.kql')
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource recipients 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-alter-${token}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'alter'
    emailReceivers: [
      {
        name: 'operator'
        emailAddress: emailAddress
        useCommonAlertSchema: true
      }
    ]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts: {
    name: 'alert-${alert.name}-${token}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Alter: ${alert.title}'
      description: 'What to do: ${runbookUrl}#${alert.runbook}'
      enabled: true
      severity: alert.urgent ? 1 : 2
      evaluationFrequency: alert.urgent ? 'PT5M' : 'PT15M'
      windowSize: alert.urgent ? 'PT15M' : 'PT30M'
      scopes: [
        workspace.id
      ]
      // At the first deployment nothing has been logged yet, and columns of a table without rows may not be known.
      skipQueryValidation: true
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            dimensions: empty(alert.dimension)
              ? []
              : [
                  {
                    name: alert.dimension
                    operator: 'Include'
                    values: [
                      '*'
                    ]
                  }
                ]
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [
          recipients.id
        ]
        customProperties: {
          runbook: '${runbookUrl}#${alert.runbook}'
        }
      }
    }
  }
]
