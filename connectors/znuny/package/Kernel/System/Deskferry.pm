# What Deskferry needs of Znuny and its own web service operations do not offer. Part of the add-on Deskferry.
package Kernel::System::Deskferry;

use strict;
use warnings;

our @ObjectDependencies = (
    'Kernel::Config',
    'Kernel::System::CustomerUser',
    'Kernel::System::DB',
    'Kernel::System::DateTime',
    'Kernel::System::DynamicField',
    'Kernel::System::Group',
    'Kernel::System::Queue',
    'Kernel::System::Ticket',
    'Kernel::System::Ticket::Article',
    'Kernel::System::User',
);

# Of tickets: our id of the conversation. Of articles: our id of the message.
my %Fields = (
    DeskferryTicket  => 'Ticket',
    DeskferryMessage => 'Article',
);
my $Group = 'deskferry';

sub new {
    my ($Type) = @_;
    return bless {}, $Type;
}

# Makes the dynamic fields and the group, where they are not there yet.
sub Install {
    my $DynamicFieldObject = $Kernel::OM->Get('Kernel::System::DynamicField');
    my $Order = 9000;
    for my $Name ( sort keys %Fields ) {
        $Order++;
        next if $DynamicFieldObject->DynamicFieldGet( Name => $Name )->{ID};
        $DynamicFieldObject->DynamicFieldAdd(
            Name       => $Name,
            Label      => $Name,
            FieldOrder => $Order,
            FieldType  => 'Text',
            ObjectType => $Fields{$Name},
            Config     => { DefaultValue => '' },
            ValidID    => 1,
            UserID     => 1,
        ) or die "Deskferry: the dynamic field $Name could not be made\n";
    }
    my $GroupObject = $Kernel::OM->Get('Kernel::System::Group');
    my %Groups = reverse $GroupObject->GroupList();
    return 1 if $Groups{$Group};
    return $GroupObject->GroupAdd(
        Name    => $Group,
        Comment => 'May use the operations of the add-on Deskferry.',
        ValidID => 1,
        UserID  => 1,
    );
}

# Whether the agent may use our operations: read and write permission in the group deskferry.
sub MayUse {
    my ( $Self, %Param ) = @_;
    my %Groups = $Kernel::OM->Get('Kernel::System::Group')->PermissionUserGet(
        UserID => $Param{UserID},
        Type   => 'rw',
    );
    return scalar grep { $_ eq $Group } values %Groups;
}

# What an administrator may have got wrong.
sub Check {
    my ( $Self, %Param ) = @_;
    my %Valid   = reverse $Kernel::OM->Get('Kernel::System::Queue')->QueueList( Valid => 1 );
    my $QueueID = $Valid{ $Param{Queue} };
    my %Groups  = $Kernel::OM->Get('Kernel::System::Group')->PermissionUserGet(
        UserID => $Param{UserID},
        Type   => 'rw',
    );
    my %Queue = $QueueID ? $Kernel::OM->Get('Kernel::System::Queue')->QueueGet( ID => $QueueID ) : ();
    my $DynamicFieldObject = $Kernel::OM->Get('Kernel::System::DynamicField');
    my @Missing = grep { ( $DynamicFieldObject->DynamicFieldGet( Name => $_ )->{ValidID} // 0 ) != 1 } sort keys %Fields;
    return {
        Version       => $Kernel::OM->Get('Kernel::Config')->Get('Version'),
        QueueIsThere  => $QueueID ? 1 : 0,
        MayWrite      => $QueueID && $Groups{ $Queue{GroupID} } ? 1 : 0,
        MissingFields => \@Missing,
        HasSecret     => $Kernel::OM->Get('Kernel::Config')->Get('Deskferry::WebhookSecret') ? 1 : 0,
    };
}

# Creates the customer user, or brings it up to date; the stored fields, or nothing where Znuny refuses it.
sub ContactSave {
    my ( $Self, %Param ) = @_;
    my $CustomerUserObject = $Kernel::OM->Get('Kernel::System::CustomerUser');

    # Addresses are made up where a person has none, in a domain that does not exist: asking DNS for it would fail.
    local $Kernel::OM->Get('Kernel::Config')->{CheckMXRecord} = 0;    ## no critic

    my %Wanted = %{ $Param{Contact} };
    my $Login  = $Wanted{UserLogin};
    my $Spare  = delete $Wanted{SpareEmail};
    my %Known  = $CustomerUserObject->CustomerUserDataGet( User => $Login );

    # Where the database compares without regard to case.
    return if %Known && $Known{UserLogin} ne $Login;

    if ( !%Known ) {
        my %New = ( Source => 'CustomerUser', ValidID => 1, UserID => $Param{UserID} );
        my $Made = $CustomerUserObject->CustomerUserAdd( %Wanted, %New, UserEmail => $Wanted{UserEmail} || $Spare );
        if ( !$Made && $Wanted{UserEmail} ) {

            # Another customer user has that address, or it is none.
            $Made = $CustomerUserObject->CustomerUserAdd( %Wanted, %New, UserEmail => $Spare );
        }
    }
    elsif ( grep { ( $Known{$_} // '' ) ne ( $Wanted{$_} // '' ) } keys %Wanted ) {
        delete $Known{UserPassword};
        my $Changed = $CustomerUserObject->CustomerUserUpdate(
            %Known, %Wanted,
            ID     => $Login,
            UserID => $Param{UserID},
        );
        if ( !$Changed && $Wanted{UserEmail} ) {
            $CustomerUserObject->CustomerUserUpdate(
                %Known, %Wanted,
                UserEmail => $Known{UserEmail},
                ID        => $Login,
                UserID    => $Param{UserID},
            );
        }
    }

    my %Stored = $CustomerUserObject->CustomerUserDataGet( User => $Login );
    return if !%Stored;
    return { map { $_ => $Stored{$_} // '' } keys %Wanted, 'UserLogin' };
}

# The article that carries our id, on whichever ticket.
sub MessageFind {
    my ( $Self, %Param ) = @_;
    my @Rows = $Self->_Rows(
        'SELECT a.id, a.ticket_id, v.value_text FROM article a, dynamic_field_value v, dynamic_field f'
            . " WHERE f.name = 'DeskferryMessage' AND v.field_id = f.id AND v.object_id = a.id"
            . ' AND v.value_text = ? ORDER BY a.id',
        [ \$Param{ExternalID} ],
    );
    my ($Found) = grep { $_->[2] eq $Param{ExternalID} } @Rows;
    return if !$Found;
    return { ArticleID => "$Found->[0]", TicketID => "$Found->[1]", ExternalID => $Found->[2] };
}

# A file of an article of a ticket of ours; without its content where it is larger than MaxBytes.
sub FileGet {
    my ( $Self, %Param ) = @_;
    return if $Param{ArticleID} !~ m{\A\d{1,9}\z} || $Param{FileID} !~ m{\A\d{1,9}\z};
    my ($Row) = $Self->_Rows( 'SELECT ticket_id FROM article WHERE id = ?', [ \$Param{ArticleID} ] );
    return if !$Row || $Self->_ExternalIDOf( DeskferryTicket => $Row->[0] ) eq '';

    my $Backend = $Kernel::OM->Get('Kernel::System::Ticket::Article')->BackendForArticle(
        TicketID  => $Row->[0],
        ArticleID => $Param{ArticleID},
    );
    my %Index = $Backend->ArticleAttachmentIndex(
        ArticleID        => $Param{ArticleID},
        ExcludePlainText => 1,
        ExcludeHTMLBody  => 1,
    );
    my $Entry = $Index{ $Param{FileID} };
    return if !$Entry;
    return { TooLarge => 1 } if ( $Entry->{FilesizeRaw} || 0 ) > $Param{MaxBytes};
    my %File = $Backend->ArticleAttachment( ArticleID => $Param{ArticleID}, FileID => $Param{FileID} );
    return if !%File;
    return \%File;
}

# Number of the newest change of any ticket.
sub Newest {
    my ($Self) = @_;
    my ($Row) = $Self->_Rows( 'SELECT MAX(id) FROM ticket_history', [] );
    return $Row->[0] || 0;
}

# Changes of tickets of ours after that number, oldest first, at most Limit.
sub ChangesAfter {
    my ( $Self, %Param ) = @_;
    my @Rows = $Self->_Rows(
        $Self->_ChangesSQL('h.id > ?') . ' ORDER BY h.id',
        [ \$Param{After} ], $Param{Limit},
    );
    return map { $Self->_Change($_) } @Rows;
}

# The change that an event of Znuny tells of; nothing for tickets that are not ours.
sub ChangeOfEvent {
    my ( $Self, %Param ) = @_;
    my ($Row) = $Param{ArticleID}
        ? $Self->_Rows( $Self->_ChangesSQL("h.article_id = ? AND t.name <> 'StateUpdate'"), [ \$Param{ArticleID} ] )
        : $Self->_Rows(
            $Self->_ChangesSQL("h.ticket_id = ? AND t.name = 'StateUpdate' AND h.name LIKE ?") . ' ORDER BY h.id DESC',
            [ \$Param{TicketID}, \( '%%' . ( $Param{OldState} // '' ) . '%%' ) ], 1,
        );
    return if !$Row;
    return $Self->_Change($Row);
}

# An article is told once, by the first line that the history has of it.
sub _ChangesSQL {
    my ( $Self, $Which ) = @_;
    return 'SELECT h.id, t.name, h.name, h.ticket_id, h.article_id, h.create_time, h.create_by'
        . ' FROM ticket_history h, ticket_history_type t WHERE t.id = h.history_type_id'
        . " AND $Which AND (t.name = 'StateUpdate' OR h.id = (SELECT MIN(e.id) FROM ticket_history e,"
        . " ticket_history_type u WHERE u.id = e.history_type_id AND u.name <> 'StateUpdate' AND e.article_id = h.article_id))"
        . ' AND EXISTS (SELECT 1 FROM dynamic_field_value v, dynamic_field f WHERE v.field_id = f.id'
        . " AND f.name = 'DeskferryTicket' AND v.object_id = h.ticket_id)";
}

sub _Change {
    my ( $Self, $Row ) = @_;
    my ( $ID, $Type, $Name, $TicketID, $ArticleID, $Created, $By ) = @{$Row};
    my %Ticket = $Kernel::OM->Get('Kernel::System::Ticket')->TicketGet( TicketID => $TicketID, UserID => 1 );
    return if !%Ticket;
    my %User = $Kernel::OM->Get('Kernel::System::User')->GetUserData( UserID => $By );
    my %Change = (
        ID     => "$ID",
        At     => $Kernel::OM->Create( 'Kernel::System::DateTime', ObjectParams => { String => $Created } )->ToEpoch(),
        Author => { Login => $User{UserLogin} // '', Name => $User{UserFullname} // '' },
        Ticket => {
            TicketID   => "$TicketID",
            ExternalID => $Self->_ExternalIDOf( DeskferryTicket => $TicketID ),
            State      => $Ticket{State},
            Title      => $Ticket{Title} // '',
            Queue      => $Ticket{Queue},
            Owner      => $Ticket{OwnerID} == 1 ? '' : $Ticket{Owner},
        },
    );
    if ( $Type eq 'StateUpdate' ) {
        ( undef, $Change{From}, $Change{To} ) = split /%%/, $Name;
        return \%Change;
    }
    $Change{Article} = $Self->_Article( TicketID => $TicketID, ArticleID => $ArticleID );
    return $Change{Article} ? \%Change : ();
}

sub _Article {
    my ( $Self, %Param ) = @_;
    my $ArticleObject = $Kernel::OM->Get('Kernel::System::Ticket::Article');
    my $Backend       = $ArticleObject->BackendForArticle(%Param);
    my %Article       = $Backend->ArticleGet( %Param, RealNames => 0 );
    return if !%Article;

    # The body of a page is attached too, and pictures within it: their words are in the body already.
    my %Index = $Backend->ArticleAttachmentIndex(
        ArticleID        => $Param{ArticleID},
        ExcludePlainText => 1,
        ExcludeHTMLBody  => 1,
    );
    return {
        ArticleID            => "$Param{ArticleID}",
        ExternalID           => $Self->_ExternalIDOf( DeskferryMessage => $Param{ArticleID} ),
        SenderType           => $Article{SenderType} // '',
        Channel              => $Backend->ChannelNameGet(),
        IsVisibleForCustomer => $Article{IsVisibleForCustomer} ? 1 : 0,
        Body                 => $Article{Body} // '',
        Files                => [
            map { { FileID => "$_", Name => $Index{$_}->{Filename} } } sort { $a <=> $b } keys %Index
        ],
    };
}

sub _ExternalIDOf {
    my ( $Self, $Field, $ObjectID ) = @_;
    my ($Row) = $Self->_Rows(
        'SELECT v.value_text FROM dynamic_field_value v, dynamic_field f'
            . ' WHERE f.name = ? AND v.field_id = f.id AND v.object_id = ?',
        [ \$Field, \$ObjectID ], 1,
    );
    return $Row ? $Row->[0] : '';
}

sub _Rows {
    my ( $Self, $SQL, $Bind, $Limit ) = @_;
    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');
    $DBObject->Prepare( SQL => $SQL, Bind => $Bind, $Limit ? ( Limit => $Limit ) : () )
        or die "Deskferry: the database refused a query\n";
    my @Rows;
    while ( my @Row = $DBObject->FetchrowArray() ) {
        push @Rows, \@Row;
    }
    return @Rows;
}

1;
