# Changes of our tickets by their number in the history, for what a webhook could not bring.
package Kernel::GenericInterface::Operation::Deskferry::ChangeList;

use strict;
use warnings;

use parent 'Kernel::GenericInterface::Operation::Deskferry::Common';

our $ObjectManagerDisabled = 1;

sub Perform {
    my ( $Self, $DeskferryObject, $Data, $UserID ) = @_;
    my $Now = $Kernel::OM->Create('Kernel::System::DateTime')->ToEpoch();
    return { Newest => $DeskferryObject->Newest() + 0, Now => $Now, Changes => [] } if !defined $Data->{After};
    my $Limit = 100;
    my @Changes = $DeskferryObject->ChangesAfter( After => int( $Data->{After} ), Limit => $Limit );
    return { Now => $Now, Changes => \@Changes, More => @Changes >= $Limit ? 1 : 0 };
}

1;
