@description('What the workbook is called in the portal.')
param name string
param location string
param tags object

@description('Workspace that it asks.')
param workspaceId string

var content = union(loadJsonContent('../workbook.json'), {
  fallbackResourceIds: [
    workspaceId
  ]
})

resource workbook 'Microsoft.Insights/workbooks@2022-04-01' = {
  name: guid(resourceGroup().id, name)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: name
    category: 'workbook'
    sourceId: workspaceId
    serializedData: string(content)
  }
}
