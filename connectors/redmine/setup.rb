# Prepares a Redmine for Deskferry: role, custom fields, tracker of contacts, account. Run it on Redmine's server, in its folder:
#   bundle exec rails runner -e production /path/to/setup.rb PROJECT CONTACTS_PROJECT
# Both are identifiers of projects; what is missing is created, private. It may be run again, also for further projects.
# The last line that it prints is the account's API key.
project_id, contacts_id = ARGV
abort 'usage: rails runner setup.rb PROJECT CONTACTS_PROJECT' unless contacts_id
abort 'contacts need a project of their own' if project_id == contacts_id

ActiveRecord::Base.transaction do
  Setting.rest_api_enabled = '1'
  abort 'Redmine has no issue statuses yet: load its default data, or create some' if IssueStatus.none?

  role = Role.find_by(name: 'Deskferry') || Role.new(name: 'Deskferry')
  role.assign_attributes(issues_visibility: 'all', users_visibility: 'members_of_visible_projects', assignable: false)
  role.permissions = %i[view_issues add_issues edit_issues add_issue_notes view_private_notes set_notes_private]
  role.save!

  contact = Tracker.find_by(name: 'Contact') ||
            Tracker.create!(name: 'Contact', default_status: IssueStatus.sorted.first, description: 'A person on WhatsApp')
  for_tickets = Tracker.where.not(id: contact.id).to_a

  projects = [[project_id, for_tickets], [contacts_id, [contact]]].map do |identifier, trackers|
    Project.find_by(identifier: identifier) ||
      Project.create!(name: identifier, identifier: identifier, is_public: false, trackers: trackers,
                      enabled_module_names: %w[issue_tracking])
  end
  tickets, contacts = projects
  contacts.trackers |= [contact]

  # Staff see in the history of an issue what of a field changes, unless the field is hidden from their roles.
  field = lambda do |name, project, trackers, hidden: false, format: 'string'|
    found = IssueCustomField.find_by(name: name) || IssueCustomField.new(name: name, field_format: format)
    found.assign_attributes(is_filter: true, visible: !hidden, searchable: !hidden && format == 'string')
    found.roles |= [role] if hidden
    found.trackers |= trackers
    found.projects |= [project]
    found.save!
  end
  field.call('DeskferryTicket', tickets, for_tickets, hidden: true)
  field.call('DeskferryMessage', tickets, for_tickets, hidden: true)
  field.call('DeskferryContact', tickets, for_tickets, format: 'link')
  field.call('DeskferryPerson', contacts, [contact], hidden: true)
  field.call('DeskferryPhone', contacts, [contact])
  field.call('DeskferryUserId', contacts, [contact])

  # 0 stands for a new issue.
  statuses = IssueStatus.pluck(:id)
  ([contact] + for_tickets).each do |tracker|
    ([0] + statuses).product(statuses).each do |from, to|
      next if from == to
      WorkflowTransition.find_or_create_by!(tracker: tracker, role: role, old_status_id: from, new_status_id: to)
    end
  end

  account = User.find_by_login('deskferry')
  unless account
    account = User.new(firstname: 'Deskferry', lastname: 'WhatsApp', mail: 'deskferry@deskferry.invalid',
                       mail_notification: 'none', language: Setting.default_language)
    account.login = 'deskferry'
    account.random_password
    account.save!
  end
  projects.each do |project|
    next if Member.exists?(project: project, user_id: account.id)
    Member.create!(project: project, principal: account, roles: [role])
  end
  puts account.api_key
end
