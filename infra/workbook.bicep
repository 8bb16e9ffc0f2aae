// How the vault does, on one page: Azure portal, Application Insights or the workspace, Workbooks.
param location string
param tags object
param workspaceName string

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspace.id, 'alter')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    category: 'workbook'
    displayName: 'Alter'
    serializedData: replace(loadTextContent('workbook.json'), 'WORKSPACE_ID', workspace.id)
    sourceId: workspace.id
    version: 'Notebook/1.0'
  }
}
